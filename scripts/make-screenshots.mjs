// `npm run screenshots`: the documents' pictures, from what `npm run sample` wrote into out/.
import { mkdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const WIDTH_PX = 1104;
const source = fileURLToPath(new URL('../out/sample.png', import.meta.url));
const target = fileURLToPath(new URL('../docs/screenshots/sample.png', import.meta.url));

mkdirSync(new URL('../docs/screenshots/', import.meta.url), { recursive: true });
// A palette keeps a picture that changes with every release small in the history.
await sharp(source).resize(WIDTH_PX).png({ palette: true, colours: 256, effort: 10 }).toFile(target);
console.log(`docs/screenshots/sample.png: ${Math.round(statSync(target).size / 1024)} KiB`);
