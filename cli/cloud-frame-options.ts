/** Options that say of clouds what their files do not: unit and up axis. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { LengthUnit, UpAxis } from '../engine/scene/sensor-points.js';
import type { SensorKind } from '../engine/scene/sensor-rig.js';
import type { SaidOfCloud } from '../host/sensors/open-sensors.js';

/** Of each sensor's clouds what was said of them. */
export type SaidOfKinds<T> = Partial<Record<SensorKind, T>>;

export interface CloudFrameOptions {
  readonly cloudUnit?: SaidOfKinds<LengthUnit>;
  readonly cloudUp?: SaidOfKinds<UpAxis>;
}

const UNITS = ['metre', 'foot', 'us-survey-foot'] as const satisfies readonly LengthUnit[];
const UP_AXES = ['y', 'z'] as const satisfies readonly UpAxis[];

/** `foot`, or `lidar=foot` for one sensor's clouds only; given again, the last word counts. */
function parseSaid<T extends string>(choices: readonly T[]) {
  return (text: string, previous: SaidOfKinds<T> = {}): SaidOfKinds<T> => {
    const [, kind, word = ''] = /^(?:(lidar|radar)=)?(.*)$/s.exec(text) ?? [];
    const said = choices.find((choice) => choice === word);
    if (said === undefined)
      throw new InvalidArgumentError(`Give ${choices.join(', ')}, or lidar= or radar= before it.`);
    if (kind === 'lidar' || kind === 'radar') return { ...previous, [kind]: said };
    return { lidar: said, radar: said };
  };
}

/** Adds the options. */
export function addCloudFrameOptions(command: Command): Command {
  return command
    .option(
      '--cloud-unit <[lidar=|radar=]UNIT>',
      `unit of clouds whose files state none: ${UNITS.join(', ')}`,
      parseSaid(UNITS),
    )
    .option(
      '--cloud-up <[lidar=|radar=]AXIS>',
      'axis that points up in clouds whose files state none: y or z',
      parseSaid(UP_AXES),
    );
}

/** Whether anything is said. */
export function isAnythingSaid({ cloudUnit, cloudUp }: CloudFrameOptions): boolean {
  return cloudUnit !== undefined || cloudUp !== undefined;
}

/** What is said of each file. */
export function saidOfFiles(
  { cloudUnit = {}, cloudUp = {} }: CloudFrameOptions,
  files: Readonly<Record<SensorKind, readonly string[]>>,
): ReadonlyMap<string, SaidOfCloud> {
  return new Map(
    (['lidar', 'radar'] as const).flatMap((kind) =>
      files[kind].map((path) => [path, { unit: cloudUnit[kind] ?? null, upAxis: cloudUp[kind] ?? null }] as const),
    ),
  );
}
