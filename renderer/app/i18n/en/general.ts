export const general = {
  appName: 'Vantage',
  cancel: 'Cancel',
  close: 'Close',
  ok: 'OK',
} as const;
