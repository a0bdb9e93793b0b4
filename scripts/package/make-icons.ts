/** `npm run icons`: the icon's drawing as the files that each system wants. Commit the result. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { REPOSITORY_FOLDER } from '../bundle/repository-folder.js';

const FOLDER = join(REPOSITORY_FOLDER, 'assets', 'icons');
const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256];
/** Apple's four-letter names of PNG pictures by size. */
const ICNS_TYPES: readonly (readonly [string, number])[] = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic10', 1024],
];

const drawing = await readFile(join(FOLDER, 'icon.svg'));

async function drawPng(sizePx: number): Promise<Buffer> {
  const density = (72 * Math.max(sizePx, 512)) / 512;
  return sharp(drawing, { density }).resize(sizePx, sizePx).png({ compressionLevel: 9 }).toBuffer();
}

/** A header, 16 bytes a picture, then the pictures as PNG. */
async function encodeIco(): Promise<Buffer> {
  const pictures = await Promise.all(ICO_SIZES.map(drawPng));
  const header = Buffer.alloc(6 + 16 * pictures.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pictures.length, 4);
  let offset = header.length;
  pictures.forEach((picture, index) => {
    const entry = 6 + 16 * index;
    const size = ICO_SIZES[index] as number;
    // One byte a side: 0 says 256.
    header.writeUInt8(size % 256, entry);
    header.writeUInt8(size % 256, entry + 1);
    header.writeUInt16LE(1, entry + 4);
    header.writeUInt16LE(32, entry + 6);
    header.writeUInt32LE(picture.length, entry + 8);
    header.writeUInt32LE(offset, entry + 12);
    offset += picture.length;
  });
  return Buffer.concat([header, ...pictures]);
}

/** Blocks of a type, a length that counts its own eight bytes, and a PNG. */
async function encodeIcns(): Promise<Buffer> {
  const blocks = await Promise.all(
    ICNS_TYPES.map(async ([type, sizePx]) => {
      const picture = await drawPng(sizePx);
      return Buffer.concat([blockHeader(type, 8 + picture.length), picture]);
    }),
  );
  const body = Buffer.concat(blocks);
  return Buffer.concat([blockHeader('icns', 8 + body.length), body]);
}

function blockHeader(type: string, length: number): Buffer {
  const header = Buffer.alloc(8);
  header.write(type, 'latin1');
  header.writeUInt32BE(length, 4);
  return header;
}

await writeFile(join(FOLDER, 'icon.png'), await drawPng(512));
await writeFile(join(FOLDER, 'icon.ico'), await encodeIco());
await writeFile(join(FOLDER, 'icon.icns'), await encodeIcns());
