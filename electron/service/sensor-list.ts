/** The sensors of the project as the window sees them: what the project knows, and what a look into the files found. */
import { MAX_PICTURE_POINTS } from '../ipc/sensor-contract.js';
import type { Calibration, CloudFacts, Sensor, SensorKindName } from '../ipc/sensor-contract.js';
import { mediaUrl } from '../ipc/media.js';
import type { FilesJob } from './files-job.js';
import { JobDiedError, TaskFailedError } from './job-client.js';
import type { ProjectCalibration, ProjectSensor } from './projects/project.js';
import type { SensorContent } from './import/merge-sensors.js';
import type { StateStore } from './state-store.js';

interface Words {
  readonly message: string;
  readonly hint: string;
}

interface CloudLook {
  /** Of the file that was looked into, as that kind of sensor's: another file or kind is looked into anew. */
  readonly key: string;
  readonly abort: AbortController;
  status: Sensor['status'];
  fraction: number;
  facts: CloudFacts | null;
  picture: ArrayBuffer | null;
  problem: Words | null;
}

interface CalibrationLook {
  readonly key: string;
  placements: Calibration['placements'];
  warnings: readonly string[];
  problem: Words | null;
}

/** What the list wants changed in the project: what only its file tells. */
export type CorrectKind = (sensorId: string, kind: SensorKindName) => void;

/** As host/depth/read-rig.ts takes them. */
export function calibrationArgument({ kind, absolutePath }: ProjectCalibration): string {
  return kind === null ? absolutePath : `${kind}=${absolutePath}`;
}

const MISSING: Words = {
  message: 'The file is not where it was.',
  hint: 'Show Vantage the folder that it is in now.',
};

function cloudKey({ kind, absolutePath }: ProjectSensor): string {
  return `${kind} ${absolutePath}`;
}

const RADAR_FIELDS = ['rcs', 'radialSpeed', 'compensatedRadialSpeed'];

export class SensorList {
  private content: SensorContent = { sensors: [], calibrations: [] };
  private clouds = new Map<string, CloudLook>();
  private files = new Map<string, CalibrationLook>();
  private revision = 0;
  /** Clouds are looked into one after the other: each may fill the memory that a process has. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: StateStore,
    private readonly job: FilesJob,
    private readonly correctKind: CorrectKind,
  ) {}

  /** Other sensors altogether: nothing of what was known holds. */
  reset(content: SensorContent): void {
    for (const { abort } of this.clouds.values()) abort.abort(new Error('the project was closed'));
    this.clouds = new Map();
    this.files = new Map();
    this.set(content);
  }

  set(content: SensorContent): void {
    this.content = content;
    const ids = new Set([...content.sensors, ...content.calibrations].map(({ id }) => id));
    for (const [id, { abort }] of this.clouds)
      if (!ids.has(id)) {
        abort.abort(new Error('it was removed'));
        this.clouds.delete(id);
      }
    for (const id of this.files.keys()) if (!ids.has(id)) this.files.delete(id);
    for (const sensor of content.sensors) this.lookInto(sensor);
    for (const calibration of content.calibrations) this.lookIntoCalibration(calibration);
    this.show();
  }

  find(id: string): ProjectSensor | null {
    return this.content.sensors.find((sensor) => sensor.id === id) ?? null;
  }

  factsOf(id: string): CloudFacts | null {
    return this.clouds.get(id)?.facts ?? null;
  }

  /** Bytes of a cloud's picture; null where there is none. */
  picture(id: string): ArrayBuffer | null {
    return this.clouds.get(id)?.picture ?? null;
  }

  /** False when it was not being read. */
  cancel(id: string): boolean {
    const look = this.clouds.get(id);
    if (look?.status !== 'reading') return false;
    look.abort.abort(new Error('cancelled'));
    look.status = 'failed';
    look.problem = { message: 'Reading it was cancelled.', hint: 'Read it again, or remove it.' };
    this.show();
    return true;
  }

  reread(id: string): void {
    this.clouds.get(id)?.abort.abort(new Error('read anew'));
    this.clouds.delete(id);
    this.set(this.content);
  }

  /** Their files are not where the project says; the others are left as they are. */
  markMissing(ids: ReadonlySet<string>): void {
    for (const sensor of this.content.sensors) {
      if (!ids.has(sensor.id)) continue;
      this.clouds.get(sensor.id)?.abort.abort(new Error('it is gone'));
      const problem = MISSING;
      const state = { status: 'failed', fraction: 0, facts: null, picture: null, problem } as const;
      this.clouds.set(sensor.id, { key: cloudKey(sensor), abort: new AbortController(), ...state });
    }
    for (const calibration of this.content.calibrations)
      if (ids.has(calibration.id))
        this.files.set(calibration.id, {
          key: this.calibrationKey(calibration),
          placements: null,
          warnings: [],
          problem: MISSING,
        });
    if (ids.size > 0) this.show();
  }

  dispose(): void {
    for (const { abort } of this.clouds.values()) abort.abort(new Error('the application closes'));
  }

  private lookInto(sensor: ProjectSensor): void {
    const key = cloudKey(sensor);
    const known = this.clouds.get(sensor.id);
    // Copied into the project, it is the same file still; one that could not be read may be found elsewhere.
    const isKnown = known !== undefined && known.facts !== null && known.key.startsWith(`${sensor.kind} `);
    if (known?.key === key || isKnown) return;
    known?.abort.abort(new Error('read anew'));
    const abort = new AbortController();
    const look: CloudLook = {
      key,
      abort,
      status: 'reading',
      fraction: 0,
      facts: null,
      picture: null,
      problem: null,
    };
    this.clouds.set(sensor.id, look);
    this.last = this.last.then(() => this.read(sensor.id, look));
  }

  private async read(sensorId: string, look: CloudLook): Promise<void> {
    const { signal } = look.abort;
    const sensor = this.find(sensorId);
    if (signal.aborted || sensor === null) return;
    try {
      const { facts, picture } = await this.job.run(
        { kind: 'inspect-cloud', file: sensor.absolutePath, sensor: sensor.kind, maxPoints: MAX_PICTURE_POINTS },
        {
          signal,
          onEvent: (event) => {
            if (event.type !== 'fraction') return;
            look.fraction = Math.min(1, Math.max(0, event.fraction));
            this.show(true);
          },
        },
      );
      if (signal.aborted) return;
      this.revision++;
      Object.assign(look, { status: 'ready', fraction: 1, facts, picture });
      this.correct(sensor, facts);
    } catch (error) {
      if (signal.aborted) return;
      Object.assign(look, { status: 'failed', problem: wordsOf(error) });
    }
    this.show();
  }

  /** Only radars tell of speeds and cross sections. */
  private correct({ id, kind, isKindSaid }: ProjectSensor, { fields }: CloudFacts): void {
    if (!isKindSaid && kind === 'lidar' && fields.some((field) => RADAR_FIELDS.includes(field)))
      this.correctKind(id, 'radar');
  }

  private lookIntoCalibration(calibration: ProjectCalibration): void {
    const sensors = this.kinds();
    const key = this.calibrationKey(calibration);
    if (this.files.get(calibration.id)?.key === key) return;
    const look: CalibrationLook = { key, placements: null, warnings: [], problem: null };
    this.files.set(calibration.id, look);
    void this.job
      .run({ kind: 'inspect-calibration', calibration: calibrationArgument(calibration), sensors })
      .then(({ lidar, radar, warnings }) => {
        look.placements = { lidar, radar };
        look.warnings = warnings;
      })
      .catch((error: unknown) => {
        look.problem = wordsOf(error);
      })
      .then(() => this.show());
  }

  private kinds(): SensorKindName[] {
    return [...new Set(this.content.sensors.map(({ kind }) => kind))].sort();
  }

  private calibrationKey(calibration: ProjectCalibration): string {
    return `${calibrationArgument(calibration)} ${this.kinds().join(' ')}`;
  }

  private show(lazily = false): void {
    const calibrations = this.content.calibrations.map((calibration) => this.describeCalibration(calibration));
    this.store.set('calibrations', calibrations, lazily);
    this.store.set(
      'sensors',
      this.content.sensors.map((sensor) => this.describe(sensor, calibrations)),
      lazily,
    );
  }

  private describe(sensor: ProjectSensor, calibrations: readonly Calibration[]): Sensor {
    const { id, name, shownPath, kind, isUsed, unit, upAxis, placement, registration } = sensor;
    const look = this.clouds.get(id);
    return {
      id,
      name,
      shownPath: shownPath.slice(0, 4096),
      kind,
      status: look?.status ?? 'reading',
      fraction: look?.fraction ?? 0,
      problem: look?.problem ?? null,
      isUsed,
      facts: look?.facts ?? null,
      chosenUnit: unit,
      chosenUpAxis: upAxis,
      isCalibrated: calibrations.some(({ placements }) => (placements?.[kind] ?? 0) > 0),
      placement,
      registration,
      pictureUrl: (look?.picture ?? null) === null ? null : mediaUrl('cloud', id, this.revision),
    };
  }

  private describeCalibration({ id, name, shownPath, kind }: ProjectCalibration): Calibration {
    const look = this.files.get(id);
    return {
      id,
      name,
      shownPath: shownPath.slice(0, 4096),
      kind,
      placements: look?.placements ?? null,
      warnings: look?.warnings.map((warning) => warning.slice(0, 1000)) ?? [],
      problem: look?.problem ?? null,
    };
  }
}

function wordsOf(error: unknown): Words {
  const words =
    error instanceof TaskFailedError
      ? error.failure
      : error instanceof JobDiedError
        ? { message: 'Reading it ended unexpectedly.', hint: error.death.hint }
        : { message: 'It could not be read.', hint: 'Read it again, or remove it.' };
  return { message: words.message.slice(0, 1000), hint: words.hint.slice(0, 1000) };
}
