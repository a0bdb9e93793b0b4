/** What an application that has just started shows. */
import { describeMachine, probeWasmFeatures, VANTAGE_VERSION } from '../../host/machine.js';
import type { AppState, Run, Session, Settings } from '../ipc/contract.js';
import { CONTRACT_VERSION } from '../ipc/contract.js';
import type { ServiceOptions } from './app-service.js';
import { savedProjectsFolder } from './projects/save-copy.js';

export const DEFAULT_SETTINGS: Settings = {
  preset: 'standard',
  longSidePx: null,
  iterations: null,
  maxSplats: null,
  memoryBytes: null,
  threads: null,
  seed: 1,
  motion: null,
  depthModel: 'auto',
  cameraFinder: 'auto',
  refineCameras: false,
  exposure: false,
};

export const IDLE_RUN: Run = {
  status: 'idle',
  runId: null,
  cameras: 'known',
  stage: null,
  stageTitle: '',
  stageFraction: 0,
  detail: '',
  iteration: 0,
  iterations: 0,
  loss: null,
  gaussianCount: 0,
  etaMs: null,
  elapsedMs: 0,
  heldOutPsnr: null,
  backend: '',
  warnings: [],
  error: null,
  checkpoint: null,
  finalScores: null,
};

/** What can be said before the job process has told what it can do. */
function describeSession({ hostKind, pickers, dataFolder }: ServiceOptions): Session {
  const machine = describeMachine();
  const { simd, threads, sharedMemory } = probeWasmFeatures();
  const isFast = simd && threads && sharedMemory;
  return {
    hostKind,
    contractVersion: CONTRACT_VERSION,
    version: VANTAGE_VERSION,
    platform: machine.platform,
    cores: machine.cores,
    memoryBytes: machine.memoryBytes,
    freeMemoryBytes: machine.freeMemoryBytes,
    backend: {
      name: isFast ? 'wasm' : 'reference',
      description: isFast ? 'WebAssembly' : 'JavaScript reference',
      isGpu: false,
      whyNotGpu: 'This version computes on the processor; it has no GPU backend yet.',
    },
    depthModels: [],
    hasNativeDialogs: pickers !== null,
    projectsFolder: pickers === null ? savedProjectsFolder(dataFolder) : null,
    canFindCameras: isFast,
    cameraFinders: ['auto'],
  };
}

export function initialState(options: ServiceOptions): AppState {
  return {
    session: describeSession(options),
    project: {
      id: 'none',
      name: 'Untitled',
      folder: null,
      savedAtMs: null,
      isReadOnly: false,
      readOnlyReason: null,
      missingPhotos: [],
      missingSensorFiles: [],
    },
    photos: [],
    settings: DEFAULT_SETTINGS,
    estimate: null,
    notices: [],
    run: IDLE_RUN,
    scene: null,
    recents: [],
    recoveries: [],
    exports: [],
    documents: { 'camera-path': null, edits: null, view: null },
    sensors: [],
    calibrations: [],
  };
}
