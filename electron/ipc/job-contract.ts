/**
 * What the host and a job process say to each other, as schemas: both ends check what they are sent. A process carries out tasks, several
 * at a time, each under an id that the host gave; files are named by absolute paths, for the host has chosen them already.
 */
import { z } from 'zod';
import { estimateSchema, exportOptionsSchema, PIPELINE_STAGES, sessionSchema, settingsSchema } from './contract.js';
import { outcomeSchema } from './photo-contract.js';
import { vec3 as finiteVec3 } from './primitives.js';
import {
  cloudFactsSchema,
  cloudUpAxisSchema,
  lengthUnitSchema,
  MAX_CALIBRATIONS,
  MAX_PICTURE_POINTS,
  MAX_SENSORS,
  sensorKindSchema,
  sensorReportSchema,
  similaritySchema,
} from './sensor-contract.js';

const file = z.string().min(1).max(32_768);
/** Relative to the capture's root, with forward slashes. */
const capturePath = z.string().min(1).max(4096);
const taskId = z.string().min(1).max(128);
const text = z.string().max(20_000);
const count = z.number().int().min(0);
/** Arrays of numbers travel as what they lie in. */
const bytes = z.custom<ArrayBuffer>((value) => Object.prototype.toString.call(value) === '[object ArrayBuffer]');
/** With ±Infinity and NaN, which pass between processes; the window is shown none of them. */
const number = z.custom<number>((value) => typeof value === 'number');

const vec3 = z.tuple([number, number, number]);
const mat3 = z.tuple([number, number, number, number, number, number, number, number, number]);

/** What a pose file says about a photo, as the engine's importers give it. */
export const poseSchema = z.object({
  camera: z.object({
    intrinsics: z.object({ fx: number, fy: number, cx: number, cy: number, width: count, height: count }),
    cameraFromWorld: z.object({ rotation: mat3, translation: vec3 }),
  }),
  distortion: z
    .object({ k1: number, k2: number, p1: number, p2: number, k3: number, k4: number, k5: number, k6: number })
    .nullable(),
  openIntrinsics: z
    .object({ angleXRad: number.nullable(), angleYRad: number.nullable(), centred: z.boolean() })
    .nullable(),
});

/** A photo with everything that a task must know of it. */
export const photoSourceSchema = z.object({
  photoId: taskId,
  /** As the user knows it: messages name it so. */
  path: capturePath,
  file,
  maskFile: file.nullable(),
  pose: poseSchema.nullable(),
});

/**
 * What a cloud's coordinates are: 'cameras': the world of the photos' cameras, in its unit; 'metres': that world too, once brought to metres; 'unknown':
 * nothing says where it lies, and it is left out.
 */
const CLOUD_FRAMES = ['cameras', 'metres', 'unknown'] as const;
const CAMERA_SOURCES = ['sought', 'calibrated', 'given'] as const;

// ---- tasks -------------------------------------------------------------------------------------------------------------------------

const inspectPhotos = z.object({
  kind: z.literal('inspect-photos'),
  photos: z.array(photoSourceSchema).max(10_000),
  /** Thumbnails are written here as `<photo id>.jpg`. */
  thumbnailFolder: file,
});

/** The project's clouds and calibrations, as tasks take them. */
const sensorInput = {
  /** All of the project's clouds; those that are not used stay out of the run. */
  sensors: z
    .array(
      z.object({
        kind: sensorKindSchema,
        path: file,
        isUsed: z.boolean(),
        /** What the user said where the file says nothing; null: nothing. */
        unit: lengthUnitSchema.nullable(),
        upAxis: cloudUpAxisSchema.nullable(),
        /** Of a cloud that was placed by picked points; null: calibrations say where it is, or nobody does. */
        worldFromSensor: similaritySchema.nullable(),
        /** Of a cloud that neither picks nor a calibration place; left out: 'cameras'. */
        frame: z.enum(CLOUD_FRAMES).optional(),
      }),
    )
    .max(MAX_SENSORS),
  /** As host/depth/read-rig.ts takes them: paths, with `lidar=` or `radar=` before them where the user said whose one is. */
  calibrations: z.array(file).max(MAX_CALIBRATIONS),
  /** Where the photos' cameras are counted from in the coordinates of their pose file, and of clouds in their frame; left out: from 0. */
  origin: finiteVec3.optional(),
};

/** What comes before a run: cameras for the photos, in the world of the sensors, in metres, where these tell of one. */
const findCameras = z.object({
  kind: z.literal('find-cameras'),
  photos: z.array(photoSourceSchema).max(10_000),
  /**
   * 'sought': from the calibration where it poses every photo, else from the photos themselves; those that they may have are not looked at.
   * 'calibrated': from the calibration; where it does not say, they must have their own. 'given': their own, which are scaled and no more.
   */
  cameras: z.enum(CAMERA_SOURCES),
  ...sensorInput,
  seed: settingsSchema.shape.seed,
  threads: settingsSchema.shape.threads,
  cameraFinder: settingsSchema.shape.cameraFinder,
  depthModel: settingsSchema.shape.depthModel,
  /** What another program says while it finds them. */
  logFile: file,
});

const makePicture = z.object({
  kind: z.literal('make-picture'),
  photo: photoSourceSchema,
  longSidePx: z.number().int().min(16).max(8192),
  /** A JPEG. */
  outputFile: file,
});

const reconstruct = z.object({
  kind: z.literal('reconstruct'),
  train: z.array(photoSourceSchema).max(10_000),
  heldOut: z.array(photoSourceSchema).max(10_000),
  settings: settingsSchema,
  /** Where the state of the optimisation is kept, to go on from. */
  checkpointFile: file,
  from: z.enum(['fresh', 'checkpoint', 'half-size']),
  /** The finished scene as a PLY. */
  sceneFile: file,
  ...sensorInput,
});

/** A cloud's header, counts and bounds, and a thinned picture of it. */
const inspectCloud = z.object({
  kind: z.literal('inspect-cloud'),
  file,
  /** What a headerless file may be of. */
  sensor: sensorKindSchema,
  maxPoints: z.number().int().min(1000).max(MAX_PICTURE_POINTS),
});

const inspectCalibration = z.object({
  kind: z.literal('inspect-calibration'),
  /** As `reconstruct` takes them. */
  calibration: file,
  /** Kinds of sensors that there are clouds of. */
  sensors: z.array(sensorKindSchema).max(2),
});

/** A similarity from points that were picked in a cloud and in the scene. */
const fitPicks = z.object({
  kind: z.literal('fit-picks'),
  pairs: z.array(z.object({ inSensor: finiteVec3, inWorld: finiteVec3 })).max(16),
  /** Up in both, which two pairs need; null: not known. */
  up: z.object({ inSensor: finiteVec3, inWorld: finiteVec3 }).nullable(),
});

/** Clouds, in the frame of the scene, as one PLY. */
const exportCloud = z.object({
  kind: z.literal('export-cloud'),
  clouds: z
    .array(
      z.object({
        file,
        sensor: sensorKindSchema,
        unit: lengthUnitSchema.nullable(),
        upAxis: cloudUpAxisSchema.nullable(),
        /** null: its own frame, which only a lone cloud may keep. */
        worldFromSensor: similaritySchema.nullable(),
      }),
    )
    .min(1)
    .max(MAX_SENSORS),
  /** Photos with cameras in the scene, which lend clouds that are in its frame their colours. */
  photos: z.array(photoSourceSchema).max(10_000),
  /** The scene's unit is the metre. */
  isMetric: z.boolean(),
  outputFile: file,
});

const openSplats = z.object({ kind: z.literal('open-splats'), file });

const exportSplats = z.object({
  kind: z.literal('export-splats'),
  /** As engine/scene/encode-splats.ts writes them. */
  splats: bytes,
  options: exportOptionsSchema,
  /** The window's documents: what is hidden, and which way is up. */
  edits: z.string().nullable(),
  view: z.string().nullable(),
  outputFile: file,
});

const estimate = z.object({
  kind: z.literal('estimate'),
  settings: settingsSchema,
  /** Sizes of the photos to train on. */
  photos: z.array(z.object({ width: z.number().int().positive(), height: z.number().int().positive() })).max(10_000),
});

export const taskSchema = z.discriminatedUnion('kind', [
  inspectPhotos,
  findCameras,
  makePicture,
  reconstruct,
  openSplats,
  exportSplats,
  estimate,
  inspectCloud,
  inspectCalibration,
  fitPicks,
  exportCloud,
]);

// ---- results -------------------------------------------------------------------------------------------------------------------------

const nothing = z.object({});

/** What a task answers when it is done. */
export const taskResults = {
  'inspect-photos': nothing,
  'find-cameras': z.object({
    /** Of every photo; too few may have been placed. Outcome null: the camera came with the calibration. Empty: they keep what they have. */
    photos: z.array(z.object({ photoId: taskId, pose: poseSchema.nullable(), outcome: outcomeSchema.nullable() })),
    /** What lengths of the photos' own world are to be multiplied by; not there: 1. */
    scale: number.optional(),
    /** Of each cloud without calibration, by the paths of the task: where it lies to the cameras, which were brought onto it; null: it could not be told. */
    registrations: z
      .array(z.object({ path: file, worldFromSensor: similaritySchema.nullable() }))
      .max(MAX_SENSORS)
      .optional(),
  }),
  'make-picture': nothing,
  reconstruct: z.object({
    splats: bytes,
    count,
    iteration: count,
    /** u8 per Gaussian: how many photos saw it. */
    seen: bytes.nullable(),
    /** The user stopped it before its last iteration. */
    stopped: z.boolean(),
    scores: z.object({ psnr: number, ssim: number, views: count }).nullable(),
    warnings: z.array(text),
    /** The scene's unit is the metre, since sensors took part. */
    isMetric: z.boolean().optional(),
    /** One standard deviation of the scale, as a share of it. */
    scaleUncertainty: number.optional(),
    sensorReport: sensorReportSchema.optional(),
    /** float32 [N, 4]: a LiDAR's point in the scene, and the rendered depth less the measured one, in the scene's unit. */
    sensorResiduals: bytes.optional(),
    /** Where clouds came to lie, by the paths of the task. */
    placements: z
      .array(z.object({ path: file, worldFromSensor: similaritySchema }))
      .max(MAX_SENSORS)
      .optional(),
  }),
  'open-splats': z.object({ splats: bytes, count, warnings: z.array(text) }),
  'export-splats': z.object({ bytes: number, count, droppedCount: count }),
  estimate: estimateSchema,
  /** `picture` as engine/scene/encode-sensor-points.ts writes it. */
  'inspect-cloud': z.object({ facts: cloudFactsSchema, picture: bytes }),
  'inspect-calibration': z.object({ lidar: count, radar: count, warnings: z.array(text) }),
  'fit-picks': z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('found'), worldFromSensor: similaritySchema, errors: z.array(number) }),
    z.object({ kind: z.literal('failed'), reason: z.enum(['too-few', 'degenerate']) }),
  ]),
  'export-cloud': z.object({ bytes: number, count }),
} as const satisfies Record<Task['kind'], z.ZodType>;

// ---- what happens on the way -----------------------------------------------------------------------------------------------------------

export const photoFactsSchema = z.object({
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  thumbnailFile: file,
});

export const taskEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('fraction'), fraction: number }),
  z.object({
    type: z.literal('photo'),
    photoId: taskId,
    facts: photoFactsSchema.nullable(),
    problem: z.object({ message: text, hint: text }).nullable(),
  }),
  z.object({ type: z.literal('stage'), stage: z.enum(PIPELINE_STAGES), title: text }),
  z.object({ type: z.literal('progress'), stage: z.enum(PIPELINE_STAGES), fraction: number, detail: text }),
  z.object({
    type: z.literal('iteration'),
    iteration: count,
    iterations: count,
    loss: number,
    gaussianCount: count,
    etaMs: number,
  }),
  z.object({ type: z.literal('backend'), description: text }),
  z.object({ type: z.literal('warning'), message: text }),
  /** As electron/ipc/media.ts lays points out. */
  z.object({ type: z.literal('points'), points: bytes, count }),
  z.object({ type: z.literal('snapshot'), splats: bytes, count, iteration: count }),
  z.object({ type: z.literal('evaluation'), iteration: count, psnr: number }),
  z.object({ type: z.literal('checkpoint'), iteration: count, iterations: count }),
  z.object({ type: z.literal('paused') }),
  z.object({ type: z.literal('resumed') }),
]);

/** Words for the user about a task that failed. */
export const taskFailureSchema = z.object({
  message: text,
  hint: text,
  file: z.string().max(4096).nullable(),
  isOutOfMemory: z.boolean(),
  /** It ended because it was told to. */
  isCancelled: z.boolean(),
});

// ---- envelopes -------------------------------------------------------------------------------------------------------------------------

export const hostMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), taskId, task: taskSchema }),
  z.object({ type: z.literal('pause'), taskId }),
  z.object({ type: z.literal('resume'), taskId }),
  z.object({ type: z.literal('cancel'), taskId }),
  z.object({ type: z.literal('shut-down') }),
]);

/** What only a process that may load the engine can say about this machine. */
export const abilitiesSchema = sessionSchema.pick({
  backend: true,
  depthModels: true,
  canFindCameras: true,
  cameraFinders: true,
});

export const jobMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), abilities: abilitiesSchema }),
  /** Sent while the process can answer; one that has stopped sending hangs. */
  z.object({ type: z.literal('heartbeat') }),
  z.object({ type: z.literal('event'), taskId, event: taskEventSchema }),
  z.object({ type: z.literal('done'), taskId, result: z.unknown() }),
  z.object({ type: z.literal('failed'), taskId, failure: taskFailureSchema }),
]);

export type PhotoSource = z.infer<typeof photoSourceSchema>;
export type Task = z.infer<typeof taskSchema>;
export type TaskKind = Task['kind'];
export type TaskOf<K extends TaskKind> = Extract<Task, { kind: K }>;
export type TaskResult<K extends TaskKind> = z.output<(typeof taskResults)[K]>;
export type TaskEvent = z.infer<typeof taskEventSchema>;
export type TaskFailure = z.infer<typeof taskFailureSchema>;
export type PhotoFacts = z.infer<typeof photoFactsSchema>;
export type HostMessage = z.infer<typeof hostMessageSchema>;
export type ReconstructSensor = TaskOf<'reconstruct'>['sensors'][number];
export type CloudFrameName = (typeof CLOUD_FRAMES)[number];
export type CameraSource = (typeof CAMERA_SOURCES)[number];
export type JobMessage = z.infer<typeof jobMessageSchema>;
export type Abilities = z.infer<typeof abilitiesSchema>;
