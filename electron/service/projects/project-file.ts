/** `project.json` of a `.vantage` folder, as a schema: the only thing of a project that is trusted, once it has passed. */
import { z } from 'zod';
import { settingsSchema } from '../../ipc/contract.js';
import {
  cloudUpAxisSchema,
  lengthUnitSchema,
  MAX_CALIBRATIONS,
  MAX_SENSORS,
  placementSchema,
  registrationSchema,
  sensorKindSchema,
  sensorReportSchema,
} from '../../ipc/sensor-contract.js';
import { cameraSchema, outcomeSchema } from '../../ipc/photo-contract.js';

/** Grows when an older Vantage could no longer read what a newer one wrote. */
export const PROJECT_FORMAT_VERSION = 1;
export const PROJECT_MARK = 'vantage-project';

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const name = z.string().min(1).max(255);
const path = z
  .string()
  .min(1)
  .max(32_768)
  .refine((text) => !text.includes('\0'));
const finite = z.number();
const size = z.number().int().min(1).max(1_000_000);
const time = z.number().min(0).max(8.64e15);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Where a file is. Relative paths are tried first, so that a project moves together with its photos. */
export const fileReferenceSchema = z.object({
  /** From the project's folder, forward slashes, `..` allowed; null where there is none (another drive). */
  relativePath: path.nullable(),
  absolutePath: path,
});

export const fingerprintSchema = z.object({
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  covers: z.enum(['whole', 'ends']),
});

const vector = (length: number): z.ZodArray<z.ZodNumber> => z.array(finite).length(length);
const side = z.number().int().min(0).max(1_000_000);

export const photoPoseSchema = z.object({
  camera: z.object({
    intrinsics: z.object({ fx: finite, fy: finite, cx: finite, cy: finite, width: side, height: side }),
    cameraFromWorld: z.object({ rotation: vector(9), translation: vector(3) }),
  }),
  distortion: z
    .object({
      k1: finite,
      k2: finite,
      p1: finite,
      p2: finite,
      k3: finite,
      k4: finite,
      k5: finite,
      k6: finite,
    })
    .nullable(),
  openIntrinsics: z
    .object({ angleXRad: finite.nullable(), angleYRad: finite.nullable(), centred: z.boolean() })
    .nullable(),
});

/** Relative, forward slashes, no way up. */
export const capturePathSchema = z
  .string()
  .min(1)
  .max(4096)
  .refine(
    (text) =>
      !/^[/\\]|^[A-Za-z]:|[\\\0]/.test(text) && text.split('/').every((part) => !['', '.', '..'].includes(part)),
  );

export const captureFileReferenceSchema = z.object({ path: capturePathSchema, file: fileReferenceSchema });

export const projectPhotoSchema = z.object({
  id,
  name,
  shownPath: z.string().max(4096),
  capturePath: capturePathSchema,
  file: fileReferenceSchema,
  /** null: the file has not been read yet. */
  fingerprint: fingerprintSchema.nullable(),
  width: size.nullable(),
  height: size.nullable(),
  role: z.enum(['train', 'held-out', 'left-out']),
  pose: photoPoseSchema.nullable(),
  shownCamera: cameraSchema.nullable(),
  /** Not there in projects of before cameras could be found. */
  outcome: outcomeSchema.nullable().default(null),
  mask: captureFileReferenceSchema.nullable(),
});

export const projectCaptureSchema = z.object({
  format: z.enum(['colmap-binary', 'colmap-text', 'transforms-json', 'llff', 'middlebury', 'calibration']),
  label: z.string().max(4096),
  poseFile: capturePathSchema,
  files: z.array(captureFileReferenceSchema).max(100),
  /** Not there where the photos' cameras are as their file has them. */
  scale: finite.positive().optional(),
  /** Not there where the coordinates of that file are small enough. */
  origin: z.tuple([finite, finite, finite]).optional(),
});

/** What `scene.ply` and `seen.bin` beside this file are. */
export const projectSceneSchema = z.object({
  name: z.string().max(1000),
  origin: z.enum(['run', 'file']),
  count,
  iteration: count.nullable(),
  hasSeen: z.boolean(),
  scores: z.object({ psnr: finite, ssim: finite, views: count }).nullable(),
  /** What sensors made of it; not there where none took part, and in projects of before they could. */
  findings: z
    .object({
      isMetric: z.boolean(),
      scaleUncertainty: finite.nullable(),
      sensorReport: sensorReportSchema.nullable(),
    })
    .optional(),
});

const sensorFileSchema = z.object({
  id,
  name,
  shownPath: z.string().max(4096),
  file: fileReferenceSchema,
  bytes: count,
  /** Not there in projects of before moved clouds could be found again; null also where the file could not be read. */
  fingerprint: fingerprintSchema.nullable().default(null),
});

export const projectSensorSchema = sensorFileSchema.extend({
  kind: sensorKindSchema,
  isKindSaid: z.boolean(),
  isUsed: z.boolean(),
  unit: lengthUnitSchema.nullable(),
  upAxis: cloudUpAxisSchema.nullable(),
  placement: placementSchema.nullable(),
  /** Not there in projects of before cameras could be brought onto clouds. */
  registration: registrationSchema.default(null),
});

export const projectCalibrationSchema = sensorFileSchema.extend({ kind: sensorKindSchema.nullable() });

/** Settings that projects of before do not have are as they were then. */
export const storedSettingsSchema = settingsSchema.extend({
  cameraFinder: settingsSchema.shape.cameraFinder.default('auto'),
  refineCameras: settingsSchema.shape.refineCameras.default(false),
  exposure: settingsSchema.shape.exposure.default(false),
});

export const projectContentSchema = z.object({
  name,
  settings: storedSettingsSchema,
  photos: z.array(projectPhotoSchema).max(10_000),
  capture: projectCaptureSchema.nullable(),
  scene: projectSceneSchema.nullable(),
  // Not there in projects of before sensors could be added.
  sensors: z.array(projectSensorSchema).max(MAX_SENSORS).default([]),
  calibrations: z.array(projectCalibrationSchema).max(MAX_CALIBRATIONS).default([]),
});

export const projectFileSchema = z.object({
  format: z.literal(PROJECT_MARK),
  formatVersion: z.number().int().min(1).max(1_000_000),
  appVersion: z.string().max(100),
  id,
  createdAtMs: time,
  savedAtMs: time,
  content: projectContentSchema,
});

export type FileReference = z.infer<typeof fileReferenceSchema>;
export type StoredPhoto = z.infer<typeof projectPhotoSchema>;
export type StoredContent = z.infer<typeof projectContentSchema>;
export type ProjectScene = z.infer<typeof projectSceneSchema>;
export type ProjectFile = z.infer<typeof projectFileSchema>;
