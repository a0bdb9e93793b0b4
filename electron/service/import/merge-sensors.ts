/** Which of a drop's clouds and calibrations the project takes in. */
import { randomUUID } from 'node:crypto';
import { MAX_CALIBRATIONS, MAX_SENSORS } from '../../ipc/sensor-contract.js';
import type { ProjectCalibration, ProjectContent, ProjectSensor } from '../projects/project.js';
import type { ImportPlan, ImportProblem, PlannedCloud } from './import-plan.js';

export type SensorContent = Pick<ProjectContent, 'sensors' | 'calibrations'>;

export interface MergedSensors extends SensorContent {
  readonly problems: readonly ImportProblem[];
}

interface Limits {
  readonly most: number;
  /** As people call several of them. */
  readonly named: string;
}

/** An upload has another path each time: name and size tell that it is the same file. */
function isSame(known: ProjectSensor | ProjectCalibration, planned: PlannedCloud): boolean {
  const { absolutePath, name, bytes, shownPath } = known;
  return (
    absolutePath === planned.absolutePath ||
    (name === planned.name && bytes === planned.bytes && shownPath === planned.shownPath)
  );
}

function problem(planned: PlannedCloud, kind: 'duplicate' | 'limit', words: readonly [string, string]): ImportProblem {
  return {
    kind,
    severity: kind === 'duplicate' ? 'info' : 'warning',
    file: planned.shownPath,
    absolutePath: planned.absolutePath,
    message: words[0],
    hint: words[1],
    isPhoto: false,
  };
}

function takeNew(
  known: readonly (ProjectSensor | ProjectCalibration)[],
  planned: readonly PlannedCloud[],
  { most, named }: Limits,
): { taken: PlannedCloud[]; problems: ImportProblem[] } {
  const taken: PlannedCloud[] = [];
  const problems: ImportProblem[] = [];
  for (const cloud of planned) {
    if (known.some((entry) => isSame(entry, cloud)))
      problems.push(problem(cloud, 'duplicate', ['The project has this file already.', 'Nothing is to be done.']));
    else if (known.length + taken.length < most) taken.push(cloud);
    else {
      const message = `A project holds at most ${most} ${named}: this one and those after it were left out.`;
      problems.push(problem(cloud, 'limit', [message, 'Remove others first.']));
      break;
    }
  }
  return { taken, problems };
}

function addedSensor({ name, shownPath, absolutePath, bytes, kind }: PlannedCloud): ProjectSensor {
  return {
    id: randomUUID(),
    name: name.slice(0, 255),
    shownPath,
    absolutePath,
    bytes,
    fingerprint: null,
    kind: kind ?? 'lidar',
    isKindSaid: kind !== null,
    isUsed: true,
    unit: null,
    upAxis: null,
    placement: null,
    registration: null,
  };
}

function addedCalibration({ name, shownPath, absolutePath, bytes, kind }: PlannedCloud): ProjectCalibration {
  return { id: randomUUID(), name: name.slice(0, 255), shownPath, absolutePath, bytes, fingerprint: null, kind };
}

/** Neither argument is changed. */
export function mergeSensors(
  { sensors, calibrations }: SensorContent,
  plan: Pick<ImportPlan, 'clouds' | 'calibrations'>,
): MergedSensors {
  const clouds = takeNew(sensors, plan.clouds, { most: MAX_SENSORS, named: 'clouds of points' });
  const files = takeNew(calibrations, plan.calibrations, { most: MAX_CALIBRATIONS, named: 'calibrations' });
  return {
    sensors: [...sensors, ...clouds.taken.map(addedSensor)],
    calibrations: [...calibrations, ...files.taken.map(addedCalibration)],
    problems: [...clouds.problems, ...files.problems],
  };
}
