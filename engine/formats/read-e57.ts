/** Clouds of E57 files (ASTM E2807-11, http://www.libe57.org/format.html): all scans, in the file's frame. */
import { transformPoint } from '../math/rigid-transform.js';
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import { MAX_FIELDS, fieldNamesOf } from './cloud-columns.js';
import type { CloudHeader, CloudReader } from './cloud-reader.js';
import { openE57Section, readE57Records } from './e57-packets.js';
import type { E57Header, E57Pages } from './e57-pages.js';
import { openE57Pages } from './e57-pages.js';
import { placeRecords } from './e57-records.js';
import type { E57Contents, E57Scan } from './e57-scans.js';
import { readE57Contents } from './e57-scans.js';
import type { E57Target } from './e57-records.js';
import { planScan } from './e57-records.js';
import type { NumberRows, NumberTable, PlannedField } from './tabular-cloud.js';
import { openTabularCloud } from './tabular-cloud.js';
import { XmlError, parseXml } from './xml-tree.js';

/** A thousand scans with all that is said of them take some megabytes. */
const MAX_XML_BYTES = 1 << 26;
const XML_BOUNDS = { maxDepth: 64, maxElements: 1_000_000 };

async function readXml(pages: E57Pages, header: E57Header): Promise<E57Contents> {
  const { xmlOffset, xmlBytes } = header;
  const where = pages.placeOf(xmlOffset);
  if (xmlBytes > MAX_XML_BYTES)
    throw new ImportError(
      'too-large',
      `${xmlBytes} bytes of XML are too many.`,
      pages.file,
      where,
      'Export fewer scans.',
    );
  const text = new TextDecoder('utf-8').decode(await pages.read(xmlOffset, xmlBytes));
  try {
    return readE57Contents(parseXml(text, XML_BOUNDS), pages.file);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new ImportError(
      'malformed',
      `The XML is damaged: ${error.problem}`,
      pages.file,
      `${where}, character ${error.offset} of the XML`,
      'Export the file again.',
    );
  }
}

/** Bounds of all scans; only where none is moved, for a turned box says little. */
function boundsOf(scans: readonly E57Scan[]): CloudHeader['bounds'] {
  if (scans.length === 0 || scans.some(({ worldFromScan, bounds }) => worldFromScan !== null || bounds === null))
    return null;
  const corner = (end: 'min' | 'max'): number[] =>
    [0, 1, 2].map((axis) => Math[end](...scans.map(({ bounds }) => bounds![end][axis]!)));
  return { min: corner('min'), max: corner('max') };
}

function warningsOf(contents: E57Contents, targets: readonly E57Target[]): string[] {
  const { images, scans, warnings } = contents;
  const colored = targets.filter(({ hasColors }) => hasColors).length;
  const passed = new Set(targets.flatMap(({ passedOver }) => passedOver));
  return [
    ...warnings,
    ...(scans.length === 0 ? ['The file has no scans.'] : []),
    ...(images > 0 ? [`${images} images in the file are passed over.`] : []),
    ...(colored > 0 && colored < targets.length ? ['Some scans have no colours: their points are black.'] : []),
    ...(passed.size > 0 ? [`Fields that are passed over: ${[...passed].slice(0, MAX_FIELDS).join(', ')}.`] : []),
  ];
}

/** Names of all scans' fields, each once, and no more than a cloud may have. */
function unionOfFields(targets: readonly E57Target[]): string[] {
  return [...new Set(targets.flatMap(({ fieldNames }) => fieldNames))].slice(0, MAX_FIELDS);
}

function openTable(
  pages: E57Pages,
  scans: readonly E57Scan[],
  targets: readonly E57Target[],
  names: string[],
): NumberTable {
  const width = 6 + names.length;
  async function* rows(signal?: AbortSignal): AsyncGenerator<NumberRows> {
    for (const [i, scan] of scans.entries())
      for await (const records of readE57Records(pages, scan, signal))
        yield placeRecords(records, scan, targets[i]!, names);
  }
  return { width, atMostRows: scans.reduce((sum, { records }) => sum + records, 0), rows };
}

/**
 * Opens an E57 file.
 *
 * Points are cartesian, or spherical (`x = r cos(el) cos(az)` and so on) where a scan has no cartesian ones; each scan's pose,
 * a quaternion w x y z and a translation, is applied: `pointInWorld = R · pointInScan + t`. Points that are marked invalid are left out
 * and counted. Colours are brought from their limits to 0..255; intensity stays as in the file; `timeStamp` is `time`; what a scan
 * does not have is NaN. Images are passed over. Unit metre, as the standard has it; which axis is up it does not say, unless
 * there is a coordinate reference system.
 *
 * @throws ImportError 'malformed' (also for a wrong checksum, with the byte), 'truncated', 'unsupported', 'too-large'; reading throws
 * them too.
 */
export async function openE57(source: ByteSource): Promise<CloudReader> {
  const { pages, header } = await openE57Pages(source);
  const contents = await readXml(pages, header);
  const { scans, crs } = contents;
  const targets = scans.map((scan) => planScan(scan, source.name));
  for (const scan of scans) if (scan.records > 0) await openE57Section(pages, scan);
  const names = unionOfFields(targets);
  const fields = fieldNamesOf(names).map((name, i): PlannedField => ({
    name,
    isWide: true,
    source: { kind: 'column', column: 6 + i, scale: 1 },
  }));
  const hasColors = targets.some((target) => target.hasColors);
  const posed = scans.flatMap(({ worldFromScan }) => (worldFromScan === null ? [] : [worldFromScan]));
  return openTabularCloud(
    {
      format: 'e57',
      variant: `E57 ${header.version}, ${scans.length} ${scans.length === 1 ? 'scan' : 'scans'}`,
      points: scans.reduce((sum, { records }) => sum + records, 0),
      bounds: boundsOf(scans),
      frame: { unit: 'metre', upAxis: crs === null ? 'unknown' : 'z', crs },
      sensorOrigins: posed.map((worldFromScan) => transformPoint(worldFromScan, [0, 0, 0])),
      warnings: warningsOf(contents, targets),
    },
    openTable(pages, scans, targets, names),
    {
      place: { kind: 'cartesian', columns: [0, 1, 2], scale: 1 },
      colors: hasColors ? { kind: 'channels', columns: [3, 4, 5], scale: 1 } : null,
      fields,
    },
  );
}
