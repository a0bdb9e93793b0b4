/** The whole loopback host: service, jobs and server. */
import type { LocalAppService, SpawnJob } from '../service/app-service.js';
import { createAppService } from '../service/create-app-service.js';
import { RENDERER_FOLDER } from './built-renderer.js';
import { forkJob } from './fork-job.js';
import { openInBrowser } from './open-browser.js';
import { startLoopbackServer } from './server.js';

export interface LoopbackHostOptions {
  readonly dataFolder: string;
  /** Default: where the window is built to. */
  readonly rendererFolder?: string;
  /** 0 or absent: any free one. */
  readonly port?: number;
  readonly spawnJob?: SpawnJob;
}

export interface LoopbackHost {
  readonly service: LocalAppService;
  readonly port: number;
  readonly origin: string;
  /** With the token; works once. */
  readonly url: string;
  close(): Promise<void>;
}

export async function startLoopbackHost(options: LoopbackHostOptions): Promise<LoopbackHost> {
  const service = await createAppService({
    hostKind: 'loopback',
    spawnJob: options.spawnJob ?? ((name) => forkJob(name)),
    dataFolder: options.dataFolder,
    pickers: null,
    openExternal: async (url) => {
      await openInBrowser(url);
    },
  });
  try {
    const server = await startLoopbackServer({
      service,
      rendererFolder: options.rendererFolder ?? RENDERER_FOLDER,
      ...(options.port === undefined ? {} : { port: options.port }),
    });
    return {
      service,
      port: server.port,
      origin: server.origin,
      url: server.url,
      close: async () => {
        await server.close();
        await service.dispose();
      },
    };
  } catch (error) {
    await service.dispose();
    throw error;
  }
}
