import { CommandRefusedError } from '../app-service.js';
import type { CommandHandlers, ServiceContext } from '../service-context.js';

type Handlers = Pick<CommandHandlers, 'getState' | 'getHistory' | 'saveDocument' | 'dismissNotice' | 'openLink'>;

/**
 * The only addresses that are ever opened outside of the window. null: the project has no such page yet, and none is made up, for
 * somebody else could own it.
 */
const LINKS: Readonly<Record<'documentation' | 'issues' | 'licences', string | null>> = {
  documentation: null,
  issues: null,
  licences: null,
};

const INSTEAD = {
  documentation: "Read README.md in Vantage's folder.",
  issues: 'Tell those who gave you Vantage.',
  licences: "Read LICENSE and THIRD-PARTY-NOTICES.md in Vantage's folder.",
} as const;

export function documentCommands({ options, store, session, notices }: ServiceContext): Handlers {
  return {
    getState: async () => store.current,
    getHistory: async () => [...store.history],
    saveDocument: async ({ name, text }) => {
      await session.changeDocument(name, text);
      return {};
    },
    dismissNotice: async ({ noticeId }) => {
      notices.dismiss(noticeId);
      return {};
    },
    openLink: async ({ link }) => {
      const address = LINKS[link];
      if (address === null) throw new CommandRefusedError('This page is not on the web yet.', INSTEAD[link]);
      await options.openExternal(address);
      return {};
    },
  };
}
