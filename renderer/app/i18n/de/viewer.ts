export const viewer = { commands: {} } as const;
