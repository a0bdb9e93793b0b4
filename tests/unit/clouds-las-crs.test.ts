/** Units and reference systems of LAS files: from texts, from keys, and 'unknown' wherever nothing says. */
import { describe, expect, it } from 'vitest';
import { bytesAsSource } from '../../engine/formats/byte-source.js';
import { openLas } from '../../engine/formats/read-las.js';
import { readWktUnits } from '../../engine/formats/wkt-units.js';
import type { LasRecordSpec } from '../fixtures/clouds/make-las.js';
import { geoKeyRecord, makeLas, wktRecord } from '../fixtures/clouds/make-las.js';

const GEOGCS =
  'GEOGCS["G",DATUM["D",SPHEROID["S",6378137,298.25]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]';
const projcs = (unit: string): string => `PROJCS["P",${GEOGCS},PROJECTION["Transverse_Mercator"],${unit}]`;

describe('units in well-known text', () => {
  it.each([
    [projcs('UNIT["metre",1]'), 'projected', 'metre', 'metre'],
    [projcs('UNIT["Foot",0.3048]'), 'projected', 'foot', 'foot'],
    [
      projcs('UNIT["US survey foot",0.3048006096012192,AUTHORITY["EPSG","9003"]]'),
      'projected',
      'us-survey-foot',
      'us-survey-foot',
    ],
    // Nine digits are what many files have.
    [projcs('UNIT["US survey foot",0.304800609601219]'), 'projected', 'us-survey-foot', 'us-survey-foot'],
    [projcs('UNIT["link",0.201168]'), 'projected', 'unknown', 'unknown'],
    // The name says one thing and the number another.
    [projcs('UNIT["US survey foot",1.0]'), 'projected', 'unknown', 'unknown'],
    [GEOGCS, 'geographic', 'unknown', 'unknown'],
    ['GEOCCS["W",DATUM["D",SPHEROID["S",6378137,298]],PRIMEM["G",0],UNIT["metre",1]]', 'geocentric', 'metre', 'metre'],
    [
      `COMPD_CS["C",${projcs('UNIT["metre",1]')},VERT_CS["V",VERT_DATUM["D",2005],UNIT["foot",0.3048],AXIS["Up",UP]]]`,
      'projected',
      'metre',
      'foot',
    ],
    [
      'PROJCRS["P",BASEGEOGCRS["B",DATUM["D",ELLIPSOID["E",6378137,298,LENGTHUNIT["metre",1]]]],CONVERSION["U",METHOD["T"]],CS[Cartesian,2],AXIS["(E)",east,LENGTHUNIT["foot",0.3048]],AXIS["(N)",north,LENGTHUNIT["foot",0.3048]]]',
      'projected',
      'foot',
      'foot',
    ],
    [
      'GEODCRS["G",DATUM["D",ELLIPSOID["E",1,2]],CS[ellipsoidal,2],ANGLEUNIT["degree",0.01745]]',
      'geographic',
      'unknown',
      'unknown',
    ],
    [
      'GEODCRS["G",DATUM["D",ELLIPSOID["E",1,2]],CS[Cartesian,3],LENGTHUNIT["metre",1]]',
      'geocentric',
      'metre',
      'metre',
    ],
    ['LOCAL_CS["site",UNIT["metre",1]]', 'local', 'metre', 'metre'],
  ])('%s', (text, kind, unit, heightUnit) => {
    expect(readWktUnits(text)).toEqual({ kind, unit, heightUnit });
  });

  it.each(['', 'metre', 'PROJCS', 'PROJCS[', 'PROJCS["P"', '[[[[', 'PROJCS['.repeat(10_000), '"'.repeat(999), ']]]'])(
    'is nothing in %.20s',
    (text) => {
      expect(readWktUnits(text)).toEqual({ kind: 'unknown', unit: 'unknown', heightUnit: 'unknown' });
    },
  );
});

async function frameOf(records: readonly LasRecordSpec[], format = 0, encoding = 0) {
  const minor = format >= 6 ? 4 : 2;
  const bytes = makeLas({ minor, format, points: [{ xyz: [1, 2, 3] }], records, encoding });
  const { header } = await openLas(bytesAsSource(bytes, 'crs.las'));
  return { ...header.frame, warnings: header.warnings };
}

describe('the frame of a LAS file', () => {
  it('is unknown but for its up axis where nothing is said', async () => {
    expect(await frameOf([])).toEqual({ unit: 'unknown', upAxis: 'z', crs: null, warnings: [] });
  });

  it.each([
    // GTModelType projected; ProjectedCSType; ProjLinearUnits.
    [{ 1024: 1, 3072: 2992, 3076: 9002 }, 'EPSG:2992', 'foot'],
    [{ 1024: 1, 3072: 2274, 3076: 9003 }, 'EPSG:2274', 'us-survey-foot'],
    [{ 1024: 1, 3072: 26_915 }, 'EPSG:26915', 'metre'],
    [{ 1024: 1, 3072: 2992 }, 'EPSG:2992', 'unknown'],
    [{ 1024: 1, 3072: 32_617, 4096: 5703 }, 'EPSG:32617+5703', 'metre'],
    [{ 1024: 1, 3072: 32_767, 3076: 9001 }, null, 'metre'],
    [{ 1024: 2, 2048: 4326 }, 'EPSG:4326', 'unknown'],
  ])('comes from GeoTIFF keys %o', async (keys, crs, unit) => {
    expect(await frameOf([geoKeyRecord(keys as unknown as Record<number, number>)])).toMatchObject({
      crs,
      unit,
      upAxis: 'z',
    });
  });

  it('comes from the text where the file says so or its format asks for it, else from the keys', async () => {
    const text = projcs('UNIT["metre",1]');
    const both = [geoKeyRecord({ 1024: 1, 3072: 2992, 3076: 9002 }), wktRecord(text)];
    expect(await frameOf(both)).toMatchObject({ crs: 'EPSG:2992', unit: 'foot' });
    expect(await frameOf(both, 6)).toMatchObject({ crs: text, unit: 'metre' });
    expect(await frameOf([wktRecord(text)])).toMatchObject({ crs: text, unit: 'metre' });
    // Where the keys name nothing, libLAS's copy of the text does.
    expect(await frameOf([geoKeyRecord({ 1024: 1, 3072: 32_767 }), wktRecord(text, 'liblas')])).toMatchObject({
      crs: text,
    });
  });

  it('has no up axis where coordinates are geocentric, and warns of degrees and of heights in another unit', async () => {
    expect(await frameOf([geoKeyRecord({ 1024: 3, 2048: 4978, 3076: 9001 })])).toMatchObject({
      upAxis: 'unknown',
      unit: 'metre',
    });
    expect((await frameOf([wktRecord(GEOGCS)])).warnings.join()).toContain('degrees');
    const mixed = await frameOf([geoKeyRecord({ 1024: 1, 3072: 26_915, 4099: 9003 })]);
    expect(mixed.warnings.join()).toContain('us-survey-foot');
  });
});
