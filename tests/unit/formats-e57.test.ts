import { describe, expect, it } from 'vitest';
import { bytesAsSource } from '../../engine/formats/byte-source.js';
import { crc32c } from '../../engine/formats/crc32c.js';
import { openE57 } from '../../engine/formats/read-e57.js';
import { XmlError, parseXml } from '../../engine/formats/xml-tree.js';
import { ImportError } from '../../engine/scene/errors.js';
import { collectCloud } from '../fixtures/clouds/collect-cloud.js';
import { encodeE57, floatField, integerField, sealE57 } from '../fixtures/clouds/encode-e57.js';
import type { E57FieldRecord } from '../fixtures/clouds/encode-e57.js';

const read = async (bytes: Uint8Array) => {
  const reader = await openE57(bytesAsSource(bytes, 'made.e57'));
  return { header: reader.header, ...(await collectCloud(reader)) };
};

async function refusal(bytes: Uint8Array): Promise<ImportError> {
  try {
    await read(bytes);
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error('was read');
}

const N = 700;
const index = Array.from({ length: N }, (_, i) => i);
const xyz = (): E57FieldRecord[] => [
  floatField('cartesianX', index, 'single'),
  floatField(
    'cartesianY',
    index.map((i) => -i),
    'double',
  ),
  floatField(
    'cartesianZ',
    index.map((i) => i / 4),
    'single',
  ),
];

describe('E57', () => {
  it('has the checksum of RFC 3720', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    // B.4: 32 bytes of zeroes, of ones.
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  });

  it('integers of any width go on over packets that end within a number', async () => {
    // 11 bits scaled, 19 bits, 52 bits and 64 bits; packets of 37 bytes end within most of them.
    const wide = index.map((i) => BigInt(i) * 6_000_000_000_007n);
    const widest = index.map((i) => (i % 2 === 0 ? -1n : 1n) * BigInt(i) * 10n ** 15n);
    const fields = [
      integerField(
        'cartesianX',
        [-1000n, 1000n],
        index.map((i) => BigInt(i - 300)),
        'scale="0.01" offset="5"',
      ),
      integerField(
        'cartesianY',
        [0n, 2n ** 19n - 1n],
        index.map((i) => BigInt(i * 700)),
      ),
      floatField('cartesianZ', index, 'single'),
      integerField('timeStamp', [0n, 2n ** 52n - 1n], wide),
      integerField('extra', [-(2n ** 63n), 2n ** 63n - 1n], widest),
      integerField(
        'short',
        [0n, 2n ** 24n - 1n],
        index.map((i) => BigInt(i * 23_967)),
      ),
      integerField(
        'longer',
        [0n, 2n ** 25n - 1n],
        index.map((i) => BigInt(i * 47_935)),
      ),
      integerField(
        'rowIndex',
        [7n, 7n],
        index.map(() => 7n),
      ),
      integerField(
        'columnIndex',
        [0n, 2n ** 45n - 1n],
        wide.map((value) => value % 2n ** 45n),
      ),
    ];
    const cloud = await read(encodeE57([{ fields, packetBytes: 37 }]));
    expect(cloud.count).toBe(N);
    index.forEach((i) => {
      expect(cloud.positions[3 * i]).toBeCloseTo(0.01 * (i - 300) + 5, 12);
      expect(cloud.positions.slice(3 * i + 1, 3 * i + 3)).toEqual([i * 700, i]);
    });
    expect(cloud.fields.get('time')).toEqual(wide.map(Number));
    expect(cloud.fields.get('extra')).toEqual(widest.map(Number));
    expect(cloud.fields.get('short')).toEqual(index.map((i) => i * 23_967));
    expect(cloud.fields.get('longer')).toEqual(index.map((i) => i * 47_935));
    expect(new Set(cloud.fields.get('rowIndex'))).toEqual(new Set([7]));
    expect(cloud.fields.get('columnIndex')).toEqual(wide.map((value) => Number(value % 2n ** 45n)));
  });

  it('scans with poses come into one frame: a quarter turn about z, then a shift', async () => {
    const half = Math.SQRT1_2;
    const pose =
      `<pose type="Structure"><rotation type="Structure"><w type="Float">${half}</w><x type="Float"/><y type="Float"/>` +
      `<z type="Float">${half}</z></rotation><translation type="Structure"><x type="Float">10</x>` +
      `<y type="Float">2e+001</y><z type="Float">30</z></translation></pose>`;
    const one = (x: number, y: number, z: number): E57FieldRecord[] => [
      floatField('cartesianX', [x], 'double'),
      floatField('cartesianY', [y], 'double'),
      floatField('cartesianZ', [z], 'double'),
    ];
    const intensity = integerField('intensity', [0n, 255n], [200n]);
    const cloud = await read(
      encodeE57([{ fields: [...one(1, 2, 3), intensity], xml: pose }, { fields: one(1, 2, 3) }]),
    );
    // (x, y) → (−y, x)
    [8, 21, 33, 1, 2, 3].forEach((value, i) => expect(cloud.positions[i]).toBeCloseTo(value, 12));
    expect(cloud.header.sensorOrigins).toEqual([[10, 20, 30]]);
    expect(cloud.fields.get('intensity')).toEqual([200, NaN]);
  });

  it('spherical points, their invalid states, colours within limits and flags of intensity', async () => {
    const limits =
      '<colorLimits type="Structure">' +
      ['Red', 'Green', 'Blue']
        .map(
          (c) =>
            `<color${c}Minimum type="Integer">1000</color${c}Minimum><color${c}Maximum type="Integer">2000</color${c}Maximum>`,
        )
        .join('') +
      '</colorLimits>';
    const channel = (name: string) => integerField(name, [0n, 65535n], [1000n, 1500n, 2000n]);
    const fields = [
      floatField('sphericalRange', [2, 2, 2], 'double'),
      floatField('sphericalAzimuth', [Math.PI / 2, 0, 0], 'double'),
      floatField('sphericalElevation', [Math.PI / 6, 0, 0], 'double'),
      integerField('sphericalInvalidState', [0n, 2n], [0n, 2n, 0n]),
      ...['colorRed', 'colorGreen', 'colorBlue'].map(channel),
      floatField('intensity', [0.25, 0.5, 0.75], 'single'),
      integerField('isIntensityInvalid', [0n, 1n], [0n, 0n, 1n]),
    ];
    const cloud = await read(encodeE57([{ fields, xml: limits }]));
    expect(cloud.summary).toEqual({ points: 2, leftOut: 1 });
    [0, Math.sqrt(3), 1, 2, 0, 0].forEach((value, i) => expect(cloud.positions[i]).toBeCloseTo(value, 12));
    expect(cloud.colors).toEqual([0, 0, 0, 255, 255, 255]);
    expect(cloud.fields.get('intensity')).toEqual([0.25, NaN]);
  });

  it('cut off anywhere, or with any byte changed, it is refused', async () => {
    const whole = encodeE57([{ fields: xyz() }]);
    for (let length = 0; length < whole.length; length += 97)
      expect((await refusal(whole.subarray(0, length))).code).toBe('truncated');
    for (let at = 0; at < whole.length; at += 61) {
      const changed = whole.slice();
      changed[at]! ^= 16;
      expect(await refusal(changed)).toBeInstanceOf(ImportError);
    }
  });

  it('counts and lengths that do not fit are refused before anything is allocated', async () => {
    const cases: [string, Uint8Array][] = [
      ['truncated', encodeE57([{ fields: xyz(), recordCount: 10 ** 15 }])],
      ['truncated', encodeE57([{ fields: xyz(), recordCount: N + 1 }])],
      [
        'malformed',
        encodeE57([
          { fields: [0, 1, 2].map((i) => integerField(`cartesian${'XYZ'[i]!}`, [5n, 5n], [])), recordCount: 10 ** 15 },
        ]),
      ],
      ['malformed', encodeE57([{ fields: xyz().slice(0, 2) }])],
    ];
    for (const [code, bytes] of cases) expect((await refusal(bytes)).code).toBe(code);
    const longXml = encodeE57([{ fields: xyz() }]);
    new DataView(longXml.buffer).setBigUint64(32, 2n ** 62n, true);
    expect((await refusal(sealE57(longXml))).code).toBe('too-large');
    const wrongPacket = encodeE57([{ fields: xyz() }]);
    // The first packet after the section's 32 bytes: its type.
    wrongPacket[48 + 32] = 9;
    expect((await refusal(sealE57(wrongPacket))).where).toBe('byte 80');
  });

  it('hostile XML is refused: entities of its own, depth, unfinished documents', async () => {
    const bomb = '<!DOCTYPE e57Root [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>';
    expect((await refusal(encodeE57([], '<name>&b;</name>', bomb))).problem).toContain('document type');
    expect((await refusal(encodeE57([], '<name>&b;</name>'))).problem).toContain('entity');
    expect((await refusal(encodeE57([], '<a>'.repeat(10_000)))).problem).toContain('deep');
    expect(await refusal(encodeE57([], '<name>'))).toBeInstanceOf(ImportError);
  });
});

describe('XML', () => {
  const bounds = { maxDepth: 8, maxElements: 20 };

  it('gives elements, attributes, text and CDATA', () => {
    const root = parseXml(
      `<?xml version="1.0"?><!-- a --><r a='1 &lt; 2' b="&#x41;&#66;"><c/> t&amp;<![CDATA[<x>&y;]]><!-- no --> u <d>1e+003</d></r>\n`,
      bounds,
    );
    expect([root.name, [...root.attributes]]).toEqual([
      'r',
      [
        ['a', '1 < 2'],
        ['b', 'AB'],
      ],
    ]);
    expect(root.text).toBe('t&<x>&y; u');
    expect(root.children.map(({ name, text }) => [name, text])).toEqual([
      ['c', ''],
      ['d', '1e+003'],
    ]);
  });

  it.each([
    '',
    'text',
    '<a',
    '<a>',
    '<a></b>',
    '</a>',
    '<a/><b/>',
    '<a b="1" b="2"/>',
    '<a b=1/>',
    '<a>&nbsp;</a>',
    '<a>&#0;</a>',
    '<a>&#x110000;</a>',
    '<a><![CDATA[</a>',
    '<a><!-- </a>',
    '<!DOCTYPE a><a/>',
    '<a>'.repeat(9),
    `<a>${'<b/>'.repeat(30)}</a>`,
    '<a b="<"/>',
    '<a / >',
    '<1/>',
    '<a>& </a>',
  ])('refuses %j', (text) => {
    expect(() => parseXml(text, bounds)).toThrow(XmlError);
  });
});
