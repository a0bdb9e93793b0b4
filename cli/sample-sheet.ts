import type { Camera } from '../engine/scene/camera.js';
import type { Splats } from '../engine/scene/splats.js';
import type { View } from '../engine/scene/view.js';
import type { SplattingBackend } from '../engine/splatting/contract.js';
import { encodeRgbBytesPng } from '../host/png-writer.js';
import type { ContactTile } from './contact-sheet.js';
import { composeContactSheet } from './contact-sheet.js';
import { placeAround, placeBetween } from './novel-cameras.js';
import type { ScoredRender } from '../host/run/score-views.js';
import { renderOptionsOf } from '../host/run/score-views.js';

const TILE_WIDTH_PX = 480;
/** Where the free views stand: distance as a share of the cameras' own spread, and the direction that placeAround takes. */
const ABOVE = { share: 0.45, turn: 0.75 };
const BEYOND = { share: 1.1, turn: 0 };

/** The sample's picture: a column for each held-out view with the truth above our rendering, then views from new places. */
export class SampleSheet {
  private readonly truths: ContactTile[] = [];
  private readonly renders: ContactTile[] = [];
  private readonly novel: ContactTile[] = [];

  addHeldOut({ view, rendered, score }: ScoredRender): void {
    const { width, height, color } = rendered;
    this.truths.push({ image: view.image, label: `truth: ${view.name}` });
    const label = `never trained on: ${score.psnr.toFixed(2)} dB  ssim ${score.ssim.toFixed(3)}`;
    this.renders.push({ image: { width, height, data: color }, label });
  }

  /** Draws the scene from between the training views and from around them. */
  async drawNovel(backend: SplattingBackend, splats: Splats, trainViews: readonly View[]): Promise<void> {
    const cameras = trainViews.map((view) => view.camera);
    const [first, second] = cameras;
    if (first === undefined || second === undefined) return;
    const places: [string, Camera][] = [
      ['novel: between the first two photos', placeBetween(first, second)],
      ['novel: above all photos', placeAround(cameras, ABOVE.share, ABOVE.turn)],
      ['novel: beyond the last photo', placeAround(cameras, BEYOND.share, BEYOND.turn)],
    ];
    const scene = await backend.createScene(splats, null);
    for (const [label, camera] of places) {
      const { width, height, color } = await backend.render(scene, camera, renderOptionsOf(splats));
      this.novel.push({ image: { width, height, data: color }, label });
    }
    await backend.releaseScene(scene);
  }

  async encode(): Promise<Uint8Array> {
    const rows = [this.truths, this.renders, this.novel].filter((row) => row.length > 0);
    const { bytes, width, height } = composeContactSheet(rows, TILE_WIDTH_PX);
    return encodeRgbBytesPng(bytes, width, height);
  }
}
