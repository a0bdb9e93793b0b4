/**
 * Everything that the window and its host say to each other, as schemas: the one contract of the Electron host (over IPC) and of the
 * loopback host (over a WebSocket). Imports nothing but schemas; both ends share the types inferred here.
 *
 * The host owns the truth: an `AppState` made of slices. It sends all of it when a window connects and a slice whenever one changes; the
 * window sends commands. Nothing large travels here: pictures, points and splats are fetched from `/media/…` addresses that slices name
 * (see `electron/ipc/media.ts`), so that a slow window skips snapshots and never queues them.
 */
import { z } from 'zod';
import { photoSchema } from './photo-contract.js';
import { finite, id, longText, mediaUrl, shortText } from './primitives.js';
import {
  calibrationSchema,
  MAX_CALIBRATIONS,
  MAX_SENSORS,
  sensorCommands,
  sensorReportSchema,
  sensorSchema,
} from './sensor-contract.js';

export type { Photo, PhotoCamera, PhotoOutcome } from './photo-contract.js';
export type { Calibration, Sensor, SensorReport } from './sensor-contract.js';

/** Both ends must agree; a window of another version is told to reload. */
export const CONTRACT_VERSION = 1;

// ---- state -------------------------------------------------------------------------------------------------------------------------

/** By Vantage with the best keypoints installed; with those that are named; or by COLMAP. */
export const CAMERA_FINDER_NAMES = ['auto', 'akaze', 'xfeat', 'both', 'colmap'] as const;

export const sessionSchema = z.object({
  hostKind: z.enum(['electron', 'loopback']),
  contractVersion: z.number().int(),
  version: shortText,
  platform: shortText,
  cores: z.number().int().positive(),
  memoryBytes: finite,
  freeMemoryBytes: finite,
  backend: z.object({
    name: z.enum(['reference', 'wasm', 'webgpu']),
    description: shortText,
    isGpu: z.boolean(),
    /** A sentence; null when it is the GPU. */
    whyNotGpu: shortText.nullable(),
  }),
  /** Installed depth networks, best first. */
  depthModels: z.array(shortText),
  /** The host opens the system's own dialogs; otherwise the window uses `<input type=file>` and uploads. */
  hasNativeDialogs: z.boolean(),
  /** Where projects are kept that are saved by a name alone; null: the system's dialog asks for the place. */
  projectsFolder: z.string().max(4096).nullable(),
  /** Photos may come without cameras: a run finds them first. */
  canFindCameras: z.boolean(),
  /** Ways to find them that this machine has; 'auto' among them. */
  cameraFinders: z.array(z.enum(CAMERA_FINDER_NAMES)),
});

export const PRESET_NAMES = ['draft', 'standard', 'high'] as const;
export const MOTION_NAMES = ['free', 'rays', 'decoder'] as const;

export const settingsSchema = z.object({
  preset: z.enum(PRESET_NAMES),
  /** Longest side of the photos in pixels; null: by preset. */
  longSidePx: z.number().int().min(64).max(8192).nullable(),
  /** null: by preset and number of photos. */
  iterations: z.number().int().min(0).max(100_000).nullable(),
  maxSplats: z.number().int().min(1000).max(10_000_000).nullable(),
  memoryBytes: z
    .number()
    .int()
    .min(64 * 1024 * 1024)
    .nullable(),
  threads: z.number().int().min(1).max(64).nullable(),
  seed: z.number().int().min(0).max(0xffffffff),
  motion: z.enum(MOTION_NAMES).nullable(),
  /** A name of `session.depthModels`, 'auto' or 'none'. */
  depthModel: shortText,
  /** For photos without cameras. */
  cameraFinder: z.enum(CAMERA_FINDER_NAMES),
  /** Cameras move a little while the scene is trained. */
  refineCameras: z.boolean(),
  /** Each photo gets brightness and contrast of its own. */
  exposure: z.boolean(),
});

export const estimateSchema = z.object({
  memoryBytes: finite,
  timeMs: finite,
  gaussianCount: finite,
  /** The run would not fit: a sentence that says what to change; null when it fits. */
  problem: shortText.nullable(),
});

export const noticeSchema = z.object({
  id,
  severity: z.enum(['info', 'warning', 'error']),
  /** A sentence for people, in English; texts of the host are not translated. */
  message: longText,
  hint: shortText,
  file: z.string().max(4096).nullable(),
  atMs: finite,
});

/** In the order in which a run goes through them. */
export const PIPELINE_STAGES = [
  'poses',
  'import',
  'photos',
  'matches',
  'stereo',
  'depth',
  'alignment',
  'initialisation',
  'optimisation',
  'export',
] as const;

export const RUN_STATUSES = [
  'idle',
  'starting',
  'running',
  'pausing',
  'paused',
  'cancelling',
  'cancelled',
  'finished',
  'failed',
  'crashed',
] as const;

export const runSchema = z.object({
  status: z.enum(RUN_STATUSES),
  runId: id.nullable(),
  /** 'known': those that the photos came with, or were found before; 'sought': the run finds them first; 'not-found': which ended it. */
  cameras: z.enum(['known', 'sought', 'found', 'not-found']),
  stage: z.enum(PIPELINE_STAGES).nullable(),
  stageTitle: shortText,
  /** 0..1 within the stage. */
  stageFraction: finite,
  detail: shortText,
  iteration: z.number().int(),
  iterations: z.number().int(),
  loss: finite.nullable(),
  gaussianCount: z.number().int(),
  /** null: not known yet. */
  etaMs: finite.nullable(),
  elapsedMs: finite,
  /** Latest mean over held-out views; null without any. */
  heldOutPsnr: finite.nullable(),
  /** Of the engine that runs, such as "WASM SIMD, 2 threads". */
  backend: shortText,
  warnings: z.array(shortText),
  /** Of 'failed' and 'crashed'. */
  error: z.object({ message: longText, hint: shortText, isOutOfMemory: z.boolean() }).nullable(),
  /** What a run can go on from. */
  checkpoint: z.object({ iteration: z.number().int(), iterations: z.number().int(), savedAtMs: finite }).nullable(),
  finalScores: z.object({ psnr: finite, ssim: finite, views: z.number().int() }).nullable(),
});

/** One point of the live plot. */
export const historyPointSchema = z.object({
  iteration: z.number().int(),
  loss: finite,
  psnr: finite.nullable(),
});

export const sceneSchema = z.object({
  id,
  /** Grows with every snapshot; part of the address. */
  revision: z.number().int(),
  name: shortText,
  origin: z.enum(['run', 'file', 'project']),
  /** Bytes of `engine/scene/encode-splats.ts`; null while there are only points. */
  splatsUrl: mediaUrl.nullable(),
  count: z.number().int(),
  /** Bytes of `electron/ipc/media.ts`'s points; null when there are none. */
  pointsUrl: mediaUrl.nullable(),
  /** u8 per Gaussian of the final scene: how many photos saw it; null until known, or where there are no photos. */
  seenUrl: mediaUrl.nullable(),
  /** A snapshot of a run that goes on. */
  isPreview: z.boolean(),
  iteration: z.number().int().nullable(),
  /** Its unit is the metre, as sensors measured it. */
  isMetric: z.boolean(),
  /** One standard deviation of that scale, as a share of it; null: not known. */
  scaleUncertainty: finite.nullable(),
  /** What sensors say about its depth; null where none took part. */
  sensorReport: sensorReportSchema.nullable(),
  /** float32 [N, 4]: a sensor's point in the scene, and the scene's depth less the measured one; null where none took part. */
  residualsUrl: mediaUrl.nullable(),
});

export const projectSchema = z.object({
  id,
  name: shortText,
  /** Path for people; null while it lives in the application's own folder only. */
  folder: z.string().max(4096).nullable(),
  savedAtMs: finite.nullable(),
  isReadOnly: z.boolean(),
  readOnlyReason: shortText.nullable(),
  /** Photos that are not where the project says. */
  missingPhotos: z.array(z.object({ photoId: id, shownPath: z.string().max(4096) })),
  /** Clouds and calibrations that are not where the project says; `fileId` is the sensor's or the calibration's. */
  missingSensorFiles: z.array(z.object({ fileId: id, shownPath: z.string().max(4096) })),
});

export const recentSchema = z.object({
  id,
  name: shortText,
  /** null: in the application's own folder only. */
  folder: z.string().max(4096).nullable(),
  openedAtMs: finite,
  exists: z.boolean(),
});

/** A project whose window went away without closing it. */
export const recoverySchema = z.object({
  id,
  name: shortText,
  /** null: in the application's own folder only, so that discarding it deletes it. */
  folder: z.string().max(4096).nullable(),
  changedAtMs: finite,
});

export const EXPORT_FORMATS = ['ply', 'compressed-ply', 'spz', 'splat', 'sog', 'glb', 'html'] as const;
/** The sensors' points, which are no splats. */
export const CLOUD_EXPORT = 'cloud-ply';
export const UP_AXES = ['unchanged', 'y-up', 'z-up'] as const;

export const exportOptionsSchema = z.object({
  format: z.enum(EXPORT_FORMATS),
  upAxis: z.enum(UP_AXES),
  /** Highest degree of spherical harmonics to keep. */
  shDegree: z.number().int().min(0).max(3),
  /** Leave out what the edits hide; false exports the whole scene. */
  applyEdits: z.boolean(),
});

export const exportStateSchema = z.object({
  id,
  status: z.enum(['running', 'finished', 'failed', 'cancelled']),
  format: z.enum([...EXPORT_FORMATS, CLOUD_EXPORT]),
  fraction: finite,
  fileName: shortText,
  /** Where the finished file can be downloaded. */
  url: mediaUrl.nullable(),
  bytes: finite.nullable(),
  error: z.object({ message: longText, hint: shortText }).nullable(),
});

/** Documents that the window owns and the project keeps: JSON texts that the host stores without looking into them. */
export const DOCUMENT_NAMES = ['camera-path', 'edits', 'view'] as const;
const MAX_DOCUMENT_CHARACTERS = 16 * 1024 * 1024;
const documentText = z.string().max(MAX_DOCUMENT_CHARACTERS).nullable();
export const documentsSchema = z.object({ 'camera-path': documentText, edits: documentText, view: documentText });

export const stateSlices = {
  session: sessionSchema,
  project: projectSchema,
  photos: z.array(photoSchema).max(10_000),
  settings: settingsSchema,
  estimate: estimateSchema.nullable(),
  notices: z.array(noticeSchema).max(500),
  run: runSchema,
  scene: sceneSchema.nullable(),
  recents: z.array(recentSchema).max(50),
  recoveries: z.array(recoverySchema).max(50),
  exports: z.array(exportStateSchema).max(20),
  documents: documentsSchema,
  sensors: z.array(sensorSchema).max(MAX_SENSORS),
  calibrations: z.array(calibrationSchema).max(MAX_CALIBRATIONS),
} as const;

export const appStateSchema = z.object(stateSlices);

// ---- commands ----------------------------------------------------------------------------------------------------------------------

const nothing = z.object({}).strict();
const photoIds = z.array(id).min(1).max(10_000);

/** What a command answers when the host understood it and could not do it: words for the user. */
export const refusalSchema = z.object({ message: longText, hint: shortText });

export const commands = {
  getState: { request: nothing, response: appStateSchema },
  getHistory: { request: nothing, response: z.array(historyPointSchema).max(200_000) },
  /** Opens the system's dialog and takes in what is picked; `picked` is false when the user thought better of it. */
  chooseFiles: {
    request: z.object({ kind: z.enum(['photos', 'folder', 'scene', 'project']) }).strict(),
    response: z.object({ picked: z.boolean() }),
  },
  /** Electron's preload only: absolute paths of what was dropped. */
  importPaths: {
    request: z.object({ paths: z.array(z.string().min(1).max(32_768)).min(1).max(10_000) }).strict(),
    response: nothing,
  },
  /** Loopback only: everything that was uploaded under this id is taken in. */
  importUpload: { request: z.object({ uploadId: id }).strict(), response: nothing },
  /** Loopback only: the user cancelled; what has arrived under this id is deleted. */
  discardUpload: { request: z.object({ uploadId: id }).strict(), response: nothing },
  removePhotos: { request: z.object({ photoIds }).strict(), response: nothing },
  setPhotoRole: {
    request: z.object({ photoIds, role: z.enum(['train', 'held-out', 'left-out']) }).strict(),
    response: nothing,
  },
  ...sensorCommands,
  changeSettings: { request: settingsSchema.partial().strict(), response: nothing },
  startRun: {
    /** 'fresh'; 'checkpoint': exactly on; 'half-size': on from the checkpoint with photos and budget halved. */
    request: z.object({ from: z.enum(['fresh', 'checkpoint', 'half-size']) }).strict(),
    response: nothing,
  },
  /** What a fresh run would begin with, and no more: cameras in the viewer, photos with what became of them. */
  findCameras: { request: nothing, response: nothing },
  pauseRun: { request: nothing, response: nothing },
  resumeRun: { request: nothing, response: nothing },
  cancelRun: { request: nothing, response: nothing },
  openSample: { request: nothing, response: nothing },
  newProject: { request: nothing, response: nothing },
  openRecent: { request: z.object({ recentId: id }).strict(), response: nothing },
  forgetRecent: { request: z.object({ recentId: id }).strict(), response: nothing },
  recover: { request: z.object({ recoveryId: id }).strict(), response: nothing },
  discardRecovery: { request: z.object({ recoveryId: id }).strict(), response: nothing },
  /** Electron asks where; the loopback host uses `name` in its own folder. */
  saveProjectAs: {
    request: z.object({ name: z.string().min(1).max(120) }).strict(),
    response: z.object({ saved: z.boolean() }),
  },
  /** Electron opens a folder dialog; the loopback host is told an upload. Missing photos, clouds and calibrations are looked for there, by fingerprint. */
  relinkPhotos: {
    request: z.object({ uploadId: id.nullable() }).strict(),
    response: z.object({ found: z.number().int() }),
  },
  saveDocument: {
    request: z.object({ name: z.enum(DOCUMENT_NAMES), text: documentText }).strict(),
    response: nothing,
  },
  /** Estimated size of the current scene in a format. */
  estimateExport: { request: exportOptionsSchema.strict(), response: z.object({ bytes: finite }) },
  startExport: { request: exportOptionsSchema.strict(), response: z.object({ exportId: id }) },
  /** The points of the sensors that are used, in the scene's frame, as one PLY. */
  startCloudExport: { request: nothing, response: z.object({ exportId: id }) },
  cancelExport: { request: z.object({ exportId: id }).strict(), response: nothing },
  dismissNotice: { request: z.object({ noticeId: id.nullable() }).strict(), response: nothing },
  /** One of a fixed list; the host knows the addresses. */
  openLink: {
    request: z.object({ link: z.enum(['documentation', 'issues', 'licences']) }).strict(),
    response: nothing,
  },
} as const satisfies Record<string, { request: z.ZodType; response: z.ZodType }>;

// ---- events ------------------------------------------------------------------------------------------------------------------------

export const eventSchema = z.discriminatedUnion('type', [
  /** Slices that changed, whole. */
  z.object({ type: z.literal('state'), slices: appStateSchema.partial() }),
  /** New points of the plot; `reset` drops the earlier ones. */
  z.object({ type: z.literal('history'), reset: z.boolean(), points: z.array(historyPointSchema) }),
  /** A menu of the system asks the window to do one of its commands (its id). */
  z.object({ type: z.literal('menu'), command: id }),
]);

// ---- envelopes of the WebSocket ------------------------------------------------------------------------------------------------------

export const requestEnvelopeSchema = z
  .object({ id: z.number().int().min(0), command: z.string().max(64), request: z.unknown() })
  .strict();
export const replyEnvelopeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('answer'), id: z.number().int(), response: z.unknown() }),
  z.object({ type: z.literal('refusal'), id: z.number().int(), refusal: refusalSchema }),
  z.object({ type: z.literal('event'), event: eventSchema }),
]);

export type CommandName = keyof typeof commands;
export type CommandRequest<N extends CommandName> = z.input<(typeof commands)[N]['request']>;
export type CommandResponse<N extends CommandName> = z.output<(typeof commands)[N]['response']>;
export type AppState = z.infer<typeof appStateSchema>;
export type SliceName = keyof AppState;
export type HostEvent = z.infer<typeof eventSchema>;
export type Refusal = z.infer<typeof refusalSchema>;
export type Session = z.infer<typeof sessionSchema>;
export type Settings = z.infer<typeof settingsSchema>;
export type Estimate = z.infer<typeof estimateSchema>;
export type Notice = z.infer<typeof noticeSchema>;
export type Run = z.infer<typeof runSchema>;
export type RunStatus = (typeof RUN_STATUSES)[number];
export type HistoryPoint = z.infer<typeof historyPointSchema>;
export type SceneState = z.infer<typeof sceneSchema>;
export type Project = z.infer<typeof projectSchema>;
export type Recent = z.infer<typeof recentSchema>;
export type Recovery = z.infer<typeof recoverySchema>;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export type ExportOptions = z.infer<typeof exportOptionsSchema>;
export type ExportState = z.infer<typeof exportStateSchema>;
export type DocumentName = (typeof DOCUMENT_NAMES)[number];
export type Documents = z.infer<typeof documentsSchema>;
