export const path = { commands: {} } as const;
