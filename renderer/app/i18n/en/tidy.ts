export const tidy = { commands: {} } as const;
