/** A page with a viewer and the scene in one file, which works from a disk without a network. */
import { createSplats } from '../../engine/scene/splats.js';
import { tableOfSplats } from './splat-tables.js';
import type { SplatTransform } from './splat-transform.js';
import type { PageView } from './worker-jobs.js';

export interface PageOptions {
  readonly title: string;
  readonly view: PageView;
}

/** The browser itself refuses every address outside of the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:",
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  'connect-src data: blob:',
  'worker-src blob: data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const LICENCE = `The viewer in this page is SuperSplat Viewer with the PlayCanvas engine: Copyright PlayCanvas Ltd, MIT licence.
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions: The above copyright notice and this permission notice shall be included in all copies or substantial portions of
the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const DATA_ADDRESS = /data:application\/octet-stream;base64,[A-Za-z0-9+/=]*/;
/** Names of XML vocabularies look like addresses and are none. */
const NETWORK_ADDRESS = /https?:\/\/(?!www\.w3\.org\/)[^\s'"`<>)]*/g;

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Replaces what must be there exactly; a newer template would need a look. */
function replaceOnce(text: string, from: string | RegExp, to: string): string {
  const replaced = text.replace(from, () => to);
  if (replaced === text) throw new Error(`The viewer's template has no ${String(from)}.`);
  return replaced;
}

/** The viewer's frame is half a turn about z from the splats'. */
function settingsOf({ position, target, fovDegrees }: PageView): object {
  const turn = (point: readonly number[]): number[] => [
    -(point[0] as number),
    -(point[1] as number),
    point[2] as number,
  ];
  return {
    version: 2,
    tonemapping: 'none',
    highPrecisionRendering: false,
    background: { color: [0.09, 0.1, 0.11] },
    postEffectSettings: {
      sharpness: { enabled: false, amount: 0 },
      bloom: { enabled: false, intensity: 1, blurLevel: 2 },
      grading: { enabled: false, brightness: 0, contrast: 1, saturation: 1, tint: [1, 1, 1] },
      vignette: { enabled: false, intensity: 0.5, inner: 0.3, outer: 0.75, curvature: 1 },
      fringing: { enabled: false, intensity: 0.5 },
    },
    animTracks: [],
    cameras: [{ initial: { position: turn(position), target: turn(target), fov: fovDegrees } }],
    annotations: [],
    startMode: 'default',
  };
}

/** splat-transform's page around a scene of one splat: its writer takes no SOG that is there already. */
async function makeTemplate(library: SplatTransform, view: PageView): Promise<string> {
  const fileSystem = new library.MemoryFileSystem();
  const dataTable = tableOfSplats(library, createSplats(1, 0));
  const options = { iterations: 1, viewerSettingsJson: settingsOf(view) };
  await library.writeFile({ filename: 'page', outputFormat: 'html-bundle', dataTable, options }, fileSystem);
  return new TextDecoder().decode(fileSystem.results.get('page'));
}

/**
 * SuperSplat's viewer with a SOG inside, its up axis −y of the SOG. All network addresses are taken out, and a content policy forbids them.
 */
export async function makePage(
  library: SplatTransform,
  sog: Uint8Array,
  { title, view }: PageOptions,
): Promise<Uint8Array> {
  const template = await makeTemplate(library, view);
  let page = template.replace(NETWORK_ADDRESS, '');
  page = replaceOnce(page, /<title>[^<]*<\/title>/, `<title>${escapeHtml(title)}</title>`);
  page = replaceOnce(
    page,
    '<base href="">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">\n        <link rel="icon" href="data:,">`,
  );
  page = replaceOnce(page, '<html lang="en">', `<html lang="en">\n<!--\n${LICENCE}\n-->`);
  const data = Buffer.from(sog.buffer, sog.byteOffset, sog.byteLength).toString('base64');
  page = replaceOnce(page, DATA_ADDRESS, `data:application/octet-stream;base64,${data}`);
  return new TextEncoder().encode(page);
}
