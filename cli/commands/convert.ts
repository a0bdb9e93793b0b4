import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { PipelineListener } from '../../engine/pipeline/events.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { formatBytes, formatCount, formatDuration } from '../../host/run/format-text.js';
import { UsageError } from '../../host/run/user-errors.js';
import type { WrittenFormat } from '../../host/splat-formats/format-names.js';
import { formatOfOutput } from '../../host/splat-formats/registry.js';
import { listenForInterrupt } from '../interrupt.js';
import { prepareOutputFile } from '../output.js';
import { showProgress } from '../progress.js';
import { printJsonLine, printLine } from '../terminal.js';

interface ConvertOptions {
  readonly up: 'unchanged' | 'y' | 'z';
  readonly sceneUp: Vec3;
  readonly shDegree: number;
  readonly compact?: boolean;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

const MAX_SH_DEGREE = 3;

const DETAILS = `
Formats are told by the names' endings.
  read      .ply, .compressed.ply, .spz (versions 1 to 4), .splat, .ksplat, .sog (or its meta.json), .glb
  written   .ply, .compressed.ply, .spz (version 3), .splat, .sog, .glb (KHR_gaussian_splatting, experimental),
            .html (a page with a viewer, in one file, that works offline)
Axes stay as they are unless --up is given: then the direction --scene-up of the input becomes that axis of the file's numbers.

Examples:
  vantage convert out/scene.ply out/scene.spz
  vantage convert out/scene.ply out/scene.html              to send to someone
  vantage convert scan.sog scan.ply --up y -w
  vantage convert out/scene.ply out/small.compressed.ply --sh-degree 1`;

function parseShDegree(text: string): number {
  if (!/^[0-3]$/.test(text)) throw new InvalidArgumentError('It must be 0, 1, 2 or 3.');
  return Number(text);
}

function parseDirection(text: string): Vec3 {
  const direction = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (direction.length !== 3 || !direction.every(Number.isFinite) || !direction.some((value) => value !== 0))
    throw new InvalidArgumentError('Give three numbers such as 0,-1,0.');
  return direction as Vec3;
}

async function checkOutput(path: string, isOverwriting: boolean): Promise<WrittenFormat> {
  const format = formatOfOutput(path)?.writes;
  if (format === undefined || format === null)
    throw new UsageError(
      `${path}: give the file a name that ends in .ply, .compressed.ply, .spz, .splat, .sog, .glb or .html.`,
    );
  const existing = await stat(path).catch(() => null);
  if (existing?.isFile() === true && !isOverwriting)
    throw new UsageError(`${path} is there already; give -w to overwrite it.`);
  await prepareOutputFile(path);
  return format;
}

/** One stage of the progress view; `work` is handed where to tell its progress. */
async function asStage<T>(
  listener: PipelineListener,
  stage: 'import' | 'export',
  title: string,
  work: (onProgress: (fraction: number) => void) => Promise<T>,
): Promise<T> {
  const startMs = performance.now();
  listener({ type: 'stage-started', stage, title });
  const result = await work((fraction) => listener({ type: 'progress', stage, fraction, detail: '' }));
  listener({ type: 'stage-finished', stage, elapsedMs: performance.now() - startMs });
  return result;
}

async function convert(input: string, output: string, options: ConvertOptions): Promise<void> {
  const startMs = performance.now();
  const format = await checkOutput(output, options.overwrite === true);
  const [{ openSplats }, { exportSplats }] = await Promise.all([
    import('../../host/splat-formats/open-splats.js'),
    import('../../host/splat-formats/export-splats.js'),
  ]);
  const interrupt = listenForInterrupt('Stopping …', 'Stopped; nothing was written.');
  const { signal } = interrupt;
  const progress = showProgress(options.json === true);
  try {
    const opened = await asStage(progress.listener, 'import', `Reading ${input}`, (onProgress) =>
      openSplats(input, { signal, onProgress }),
    );
    opened.warnings.forEach((message) => progress.listener({ type: 'warning', message }));
    const choices = {
      format,
      upAxis: options.up === 'unchanged' ? options.up : (`${options.up}-up` as const),
      up: options.sceneUp,
      shDegree: options.shDegree,
      hidden: null,
      compact: options.compact,
    };
    const written = await asStage(progress.listener, 'export', `Writing ${output}`, (onProgress) =>
      exportSplats(opened.splats, choices, { outputFile: output, signal, onProgress }),
    );
    progress.finish();
    const { count, bytes } = written;
    const elapsedMs = performance.now() - startMs;
    if (options.json === true)
      printJsonLine({ type: 'result', input, output, inputFormat: opened.format, format, count, bytes, elapsedMs });
    else printLine(`${output}: ${formatCount(count)} splats, ${formatBytes(bytes)}, in ${formatDuration(elapsedMs)}`);
  } finally {
    progress.finish();
    interrupt.release();
  }
}

export function addConvertCommand(program: Command): void {
  program
    .command('convert')
    .description('turn a splat file into another format')
    .argument('<in>', 'a splat file')
    .argument('<out>', 'the file to write')
    .addOption(
      new Option('--up <AXIS>', 'axis that points up in the new file')
        .choices(['unchanged', 'y', 'z'])
        .default('unchanged'),
    )
    .addOption(
      new Option('--scene-up <X,Y,Z>', 'direction that is up in the input')
        .argParser(parseDirection)
        .default([0, -1, 0], '0,-1,0: y down, as after COLMAP'),
    )
    .option('--sh-degree <N>', 'highest degree of spherical harmonics to keep', parseShDegree, MAX_SH_DEGREE)
    .option('--compact', '.ply only: leave out normals and unused spherical harmonics')
    .option('-w, --overwrite', 'replace the output if it is there')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', DETAILS)
    .action(convert);
}
