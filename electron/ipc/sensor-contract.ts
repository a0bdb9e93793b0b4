/** What window and host say about sensors: clouds of points beside the photos, their calibrations, and what a run found out about them. */
import { z } from 'zod';
import { finite, id, longText, mediaUrl, shortText, vec3 } from './primitives.js';

export const SENSOR_KINDS = ['lidar', 'radar'] as const;
export const LENGTH_UNITS = ['metre', 'foot', 'us-survey-foot', 'unknown'] as const;
export const CLOUD_UP_AXES = ['y', 'z', 'unknown'] as const;
/** A project holds as many clouds as can be told apart in a list. */
export const MAX_SENSORS = 24;
export const MAX_CALIBRATIONS = 24;
/** Points of a cloud that the viewer draws. */
export const MAX_PICTURE_POINTS = 300_000;

export const sensorKindSchema = z.enum(SENSOR_KINDS);
export const lengthUnitSchema = z.enum(LENGTH_UNITS);
export const cloudUpAxisSchema = z.enum(CLOUD_UP_AXES);

const count = z.number().int().min(0);

/** `pointInWorld = scale rotation pointInSensor + translation`. */
export const similaritySchema = z.object({
  scale: finite.positive(),
  /** Row by row. */
  rotation: z.array(finite).length(9),
  translation: vec3,
});

/** Where a cloud lies in the scene, and who says so. */
export const placementSchema = z.object({
  worldFromSensor: similaritySchema,
  /** 'picks': points that the user picked in both; 'run': a run. */
  by: z.enum(['picks', 'run']),
  /** Of each pair of picked points after the fit, in the scene's unit; empty for a run's. */
  errors: z.array(finite).max(16),
});

/** What became of a cloud without calibration in the last search for cameras: whether these were brought onto it; null: none knew of it. */
export const registrationSchema = z.enum(['placed', 'failed']).nullable();

/** What a look into a cloud's file found. */
export const cloudFactsSchema = z.object({
  /** As people call it: "LAS 1.4, point format 7". */
  variant: shortText,
  points: count,
  /** Records without finite coordinates. */
  leftOut: count,
  /** Of those, so many are drawn. */
  drawn: count,
  bounds: z.object({ min: vec3, max: vec3 }).nullable(),
  hasColors: z.boolean(),
  fields: z.array(z.string().max(200)).max(256),
  unit: lengthUnitSchema,
  upAxis: cloudUpAxisSchema,
  crs: longText.nullable(),
  warnings: z.array(shortText).max(50),
});

export const sensorSchema = z.object({
  id,
  name: shortText,
  shownPath: z.string().max(4096),
  kind: sensorKindSchema,
  status: z.enum(['reading', 'ready', 'failed']),
  /** 0..1 while it is read. */
  fraction: finite,
  problem: z.object({ message: shortText, hint: shortText }).nullable(),
  /** Drawn, and part of the next run. */
  isUsed: z.boolean(),
  facts: cloudFactsSchema.nullable(),
  /** What the user said where the file says nothing; null: nothing. */
  chosenUnit: lengthUnitSchema.nullable(),
  chosenUpAxis: cloudUpAxisSchema.nullable(),
  /** A calibration says how this kind of sensor sits to the cameras. */
  isCalibrated: z.boolean(),
  placement: placementSchema.nullable(),
  registration: registrationSchema,
  /** Bytes of `engine/scene/encode-sensor-points.ts`; null until they are there. */
  pictureUrl: mediaUrl.nullable(),
});

export const calibrationSchema = z.object({
  id,
  name: shortText,
  shownPath: z.string().max(4096),
  /** Whose it is, where its format does not say so; null: told by the file, or by the only kind of sensor there is. */
  kind: sensorKindSchema.nullable(),
  /** Cameras that it places each kind of sensor to; null until it has been read. */
  placements: z.object({ lidar: count, radar: count }).nullable(),
  warnings: z.array(shortText).max(50),
  problem: z.object({ message: shortText, hint: shortText }).nullable(),
});

export const DEPTH_ERROR_ROWS = ['photos', 'sensors', 'trained'] as const;

/** Depth against the sensors' points that were held out of the run, and how the residuals of the others spread. */
export const sensorReportSchema = z.object({
  /** Of MAE, RMSE and the histogram's edges. */
  unit: z.enum(['metre', 'scene-unit']),
  rows: z
    .array(
      z.object({
        /** 'photos': depth before the sensors had a say; 'sensors': as they corrected it; 'trained': of the finished scene. */
        name: z.enum(DEPTH_ERROR_ROWS),
        mae: finite,
        rmse: finite,
        absRel: finite,
        /** Share within a factor of 1.25, 0..1. */
        delta1: finite,
        count,
      }),
    )
    .max(DEPTH_ERROR_ROWS.length),
  /** Signed residuals, depth less measurement; N+1 rising edges of N bins. The outer bins hold all beyond them as well. */
  histogram: z.object({ edges: z.array(finite).max(201), counts: z.array(count).max(200) }),
});

const nothing = z.object({}).strict();
const pickedPair = z.object({ inSensor: vec3, inWorld: vec3 }).strict();

/** What the window may ask about sensors. */
export const sensorCommands = {
  /** What is left out stays as it is. Unit and up axis count only where the file says nothing. */
  changeSensor: {
    request: z
      .object({
        sensorId: id,
        kind: sensorKindSchema,
        isUsed: z.boolean(),
        unit: lengthUnitSchema,
        upAxis: cloudUpAxisSchema,
      })
      .partial()
      .required({ sensorId: true })
      .strict(),
    response: nothing,
  },
  removeSensor: { request: z.object({ sensorId: id }).strict(), response: nothing },
  /** Stops reading it; it stays in the list as one that failed. */
  cancelSensor: { request: z.object({ sensorId: id }).strict(), response: nothing },
  /** Reads it once more. */
  rereadSensor: { request: z.object({ sensorId: id }).strict(), response: nothing },
  /** Whose a calibration is that does not say so; null: by itself. */
  changeCalibration: {
    request: z.object({ calibrationId: id, kind: sensorKindSchema.nullable() }).strict(),
    response: nothing,
  },
  removeCalibration: { request: z.object({ calibrationId: id }).strict(), response: nothing },
  /** Places a cloud by points that were picked in it and in the scene; `up` in the scene's frame, which two pairs need. Empty: takes it back. */
  placeSensor: {
    request: z.object({ sensorId: id, pairs: z.array(pickedPair).max(16), up: vec3.nullable() }).strict(),
    response: nothing,
  },
} as const;

export type SensorKindName = (typeof SENSOR_KINDS)[number];
export type LengthUnitName = (typeof LENGTH_UNITS)[number];
export type CloudUpAxisName = (typeof CLOUD_UP_AXES)[number];
export type SensorPlacementState = z.infer<typeof placementSchema>;
export type CloudRegistration = z.infer<typeof registrationSchema>;
export type CloudFacts = z.infer<typeof cloudFactsSchema>;
export type Sensor = z.infer<typeof sensorSchema>;
export type Calibration = z.infer<typeof calibrationSchema>;
export type SensorReport = z.infer<typeof sensorReportSchema>;
