import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { ImportError } from '../../engine/scene/errors.js';
import { formatCount } from '../../host/run/format-text.js';
import { hasSplatExtension } from '../../host/splat-formats/registry.js';
import { printJsonLine, printLine } from '../terminal.js';

interface InfoOptions {
  readonly images?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Tells what a file or folder is: Gaussian splats (.ply, .spz, .sog, .splat, .ksplat, .glb), a point cloud of a LiDAR or radar (.las, .laz),
a capture (folder or pose file), a folder of photos without cameras, or a photo.

Examples:
  vantage info out/scene.ply
  vantage info scan.laz --json
  vantage info my-capture
  vantage info my-capture/images/0001.jpg`;

const PHOTO_PATTERN = /\.(jpe?g|png|webp|tiff?)$/i;

/** What was found: lines for people, an object for `--json`. */
interface Finding {
  readonly lines: readonly string[];
  readonly data: object;
}

/** Four significant digits, without exponents for everyday sizes. */
function formatNumber(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '?';
}

async function describeSplatFile(path: string): Promise<Finding> {
  const { openSplatFile } = await import('../../host/run/input-file.js');
  const { summarizeSplats } = await import('../splat-summary.js');
  const opened = await openSplatFile(path);
  const summary = summarizeSplats(opened);
  const { bounds, opacity, scale, shDegree, storedShDegree } = summary;
  const spread = (values: typeof opacity): string =>
    `median ${formatNumber(values.median)}, 5 % below ${formatNumber(values.low)}, 5 % above ${formatNumber(values.high)}`;
  const point = (values: readonly number[]): string => `(${values.map(formatNumber).join(', ')})`;
  const padding = storedShDegree > shDegree ? ` (stored with room for ${storedShDegree})` : '';
  return {
    data: { kind: 'splats', file: path, format: opened.format, ...summary },
    lines: [
      `${path}: ${formatCount(summary.count)} Gaussian splats (${opened.format})`,
      ...(summary.droppedCount > 0
        ? [`not finite  ${formatCount(summary.droppedCount)} more records, passed over`]
        : []),
      `SH degree   ${shDegree}${padding}`,
      ...(bounds === null ? [] : [`bounds      ${point(bounds.min)} to ${point(bounds.max)}`]),
      `opacity     ${spread(opacity)}`,
      `size        ${spread(scale)} (largest standard deviation, world units)`,
      ...summary.comments.map((comment) => `comment     ${comment}`),
    ],
  };
}

async function describeCapture(path: string, imagesDir: string | undefined): Promise<Finding> {
  const { openCapture } = await import('../../host/run/capture-input.js');
  const capture = await openCapture(path, imagesDir);
  const rows = capture.views.map((view, index) => {
    const { width, height, fx } = view.camera.intrinsics;
    return {
      index,
      name: view.name,
      width,
      height,
      focalPx: fx,
      distorted: view.distortion !== null,
      hasMask: view.maskPath !== null,
    };
  });
  return {
    data: { kind: 'capture', path, format: capture.format, views: rows, warnings: capture.warnings },
    lines: [
      `${path}: capture (${capture.format}) with ${capture.views.length} usable views`,
      ...rows.map((row) => {
        const size = row.width > 0 ? `${row.width}×${row.height}` : 'size not stated';
        const extras = `${row.distorted ? ', distorted lens' : ''}${row.hasMask ? ', mask' : ''}`;
        return `  ${String(row.index).padStart(3)}  ${row.name}  ${size}, focal length ${formatNumber(row.focalPx)} px${extras}`;
      }),
      ...capture.warnings.map((warning) => `warning: ${warning}`),
    ],
  };
}

/** A folder without cameras; null where it holds neither photos nor clouds. */
async function describeLooseFiles(path: string): Promise<Finding | null> {
  const { describeContents, listContents } = await import('../describe-folder.js');
  const contents = await listContents(path);
  if (contents.photos.length + contents.clouds.length === 0) return null;
  return { data: { kind: 'folder', path, ...contents }, lines: describeContents(path, contents) };
}

/** A capture, or what else is in the folder. @throws ImportError. */
async function describeFolder(path: string, imagesDir: string | undefined): Promise<Finding> {
  try {
    return await describeCapture(path, imagesDir);
  } catch (error) {
    if (!(error instanceof ImportError) || error.code !== 'not-found') throw error;
    const loose = await describeLooseFiles(path);
    if (loose === null) throw error;
    return loose;
  }
}

async function describePhoto(path: string): Promise<Finding> {
  const { measurePhotoFile } = await import('../../host/run/capture-input.js');
  const photo = await measurePhotoFile(path);
  return {
    data: { kind: 'photo', file: path, ...photo },
    lines: [`${path}: photo, ${photo.width}×${photo.height} upright`],
  };
}

async function info(path: string, options: InfoOptions): Promise<void> {
  const found = await stat(path).catch(() => null);
  const isFolder = found?.isDirectory() === true;
  let finding: Finding;
  const clouds = await import('../describe-cloud.js');
  if (found?.isFile() === true && (await clouds.isCloudFile(path))) finding = await clouds.describeCloud(path);
  else if (!isFolder && hasSplatExtension(path)) finding = await describeSplatFile(path);
  else if (!isFolder && PHOTO_PATTERN.test(path)) finding = await describePhoto(path);
  else if (isFolder) finding = await describeFolder(path, options.images);
  else finding = await describeCapture(path, options.images);
  if (options.json === true) printJsonLine({ type: 'result', ...finding.data });
  else finding.lines.forEach((line) => printLine(line));
}

export function addInfoCommand(program: Command): void {
  program
    .command('info')
    .description('tell what a splat file, a point cloud, a capture or a photo holds')
    .argument('<file>', 'a splat file, a point cloud, a capture folder, a pose file, or a photo')
    .option('--images <DIR>', 'folder with the photos, when they are not in the capture')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(info);
}
