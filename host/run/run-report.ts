import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { ReconstructionReport } from '../../engine/pipeline/reconstruction.js';
import { describeMachine, readVersions } from '../machine.js';
import type { ViewScores } from './score-views.js';

/** What a run was asked to do, as it was resolved (defaults filled in). */
export interface RunSettings {
  readonly preset: string;
  readonly iterations: number | null;
  readonly width: number | null;
  /** Set when the width was not: the longest side that photos were shrunk to. */
  readonly longSide: number | null;
  readonly seed: number;
  readonly backend: string;
  readonly threads: number;
  readonly depthModel: string;
  readonly refineCameras: boolean;
  readonly adjustExposure: boolean;
  readonly maxSplats: number | null;
  readonly memoryBudgetBytes: number;
  readonly trainViews: readonly string[];
  readonly heldOutViews: readonly string[];
}

export interface RunOutcome {
  readonly settings: RunSettings;
  readonly reconstruction: ReconstructionReport;
  /** Where the scene is counted from in the capture's coordinates; null: from their own origin. */
  readonly origin: Vec3 | null;
  readonly written: {
    readonly file: string;
    readonly count: number;
    readonly dropped: number;
    readonly shDegree: number;
  };
  readonly heldOut: ViewScores | null;
  readonly totalMs: number;
  readonly startedAt: string;
  readonly warnings: readonly string[];
}

/** Exactly what the user typed, without the paths of node and of this checkout. */
export function commandLine(): string[] {
  return ['vantage', ...process.argv.slice(2)];
}

/** Everything about a run, as plain JSON; nothing about the machine's folders beyond what the user typed. */
export function buildReport(outcome: RunOutcome): object {
  const { reconstruction, settings, written } = outcome;
  const { freeMemoryBytes: _, ...machine } = describeMachine();
  return {
    command: commandLine(),
    startedAt: outcome.startedAt,
    seed: settings.seed,
    motion: reconstruction.motion,
    settings,
    versions: readVersions(),
    machine,
    backend: reconstruction.backend,
    iterations: reconstruction.iterations,
    stopped: reconstruction.stopped,
    timings: { totalMs: Math.round(outcome.totalMs), stageMs: roundAll(reconstruction.stageMs) },
    origin: outcome.origin,
    splats: {
      file: written.file,
      count: written.count,
      droppedCount: written.dropped,
      initialCount: reconstruction.initialGaussianCount,
      shDegree: written.shDegree,
    },
    views: reconstruction.views,
    refinement: reconstruction.refinement,
    sensors: reconstruction.sensors,
    heldOut: outcome.heldOut,
    // The engine's have been told on the way as well.
    warnings: [...new Set([...outcome.warnings, ...reconstruction.warnings])],
  };
}

function roundAll(times: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(times).map(([stage, ms]) => [stage, Math.round(ms)]));
}
