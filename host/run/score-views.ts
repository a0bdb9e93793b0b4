import { computePsnr } from '../../engine/metrics/psnr.js';
import { computeSsim } from '../../engine/metrics/ssim.js';
import type { Splats } from '../../engine/scene/splats.js';
import { yieldToHost } from '../../engine/scene/stage.js';
import type { View } from '../../engine/scene/view.js';
import { DEFAULT_DILATION } from '../../engine/splatting/contract.js';
import type { RenderOptions, RenderedView, SplattingBackend } from '../../engine/splatting/contract.js';
import { formatTable } from './format-text.js';

export interface ViewScore {
  readonly name: string;
  readonly psnr: number;
  readonly ssim: number;
  /** Share of the photo's pixels that do not count (outside the undistorted photo, or masked by the user). */
  readonly maskedShare: number;
}

export interface ViewScores {
  readonly views: readonly ViewScore[];
  readonly mean: { readonly psnr: number; readonly ssim: number };
}

/** How every picture of the command line is drawn. */
export function renderOptionsOf(splats: Splats): RenderOptions {
  return { background: [0, 0, 0], shDegree: splats.shDegree, dilation: DEFAULT_DILATION };
}

export interface ScoredRender {
  readonly view: View;
  readonly rendered: RenderedView;
  readonly score: ViewScore;
}

function scoreRender(view: View, rendered: RenderedView): ViewScore {
  // A photo cannot show more than white.
  const color = rendered.color.map((value) => Math.min(1, Math.max(0, value)));
  const masked = view.mask === null ? 0 : view.mask.reduce((sum, counts) => sum + (counts === 0 ? 1 : 0), 0);
  return {
    name: view.name,
    psnr: computePsnr(color, view.image.data, view.mask),
    ssim: computeSsim(color, view.image.data, rendered.width, rendered.height, view.mask),
    maskedShare: masked / rendered.alpha.length,
  };
}

/** Renders each view and compares it with its photo; `onView` sees the pictures before they are let go. */
export async function scoreViews(
  backend: SplattingBackend,
  splats: Splats,
  views: readonly View[],
  onView: (scored: ScoredRender) => void | Promise<void> = () => undefined,
  signal?: AbortSignal,
): Promise<ViewScores> {
  const scene = await backend.createScene(splats, null);
  try {
    const scores: ViewScore[] = [];
    for (const view of views) {
      const rendered = await backend.render(scene, view.camera, renderOptionsOf(splats));
      const score = scoreRender(view, rendered);
      scores.push(score);
      await onView({ view, rendered, score });
      await yieldToHost(signal === undefined ? {} : { signal });
    }
    const mean = (key: 'psnr' | 'ssim'): number => scores.reduce((sum, score) => sum + score[key], 0) / scores.length;
    return { views: scores, mean: { psnr: mean('psnr'), ssim: mean('ssim') } };
  } finally {
    await backend.releaseScene(scene);
  }
}

/** The scores as a table for people, with a word on what was left out. */
export function describeScores(scores: ViewScores): string[] {
  const row = (name: string, psnr: number, ssim: number): string[] => [name, psnr.toFixed(2), ssim.toFixed(4)];
  const table = formatTable([
    ['view', 'PSNR', 'SSIM'],
    ...scores.views.map((score) => row(score.name, score.psnr, score.ssim)),
    row('mean', scores.mean.psnr, scores.mean.ssim),
  ]);
  const masked = scores.views.reduce((sum, score) => sum + score.maskedShare, 0) / scores.views.length;
  if (masked > 0) table.push(`(${(masked * 100).toFixed(1)} % of the pixels are masked and were not compared)`);
  return table;
}
