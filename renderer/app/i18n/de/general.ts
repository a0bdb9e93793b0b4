export const general = {
  appName: 'Vantage',
  cancel: 'Abbrechen',
  close: 'Schließen',
  ok: 'OK',
} as const;
