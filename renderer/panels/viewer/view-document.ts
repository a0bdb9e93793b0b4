/** How the scene is hung, in the project's `view` document: what is up, and what a unit measures. */
import { z } from 'zod';
import { sendCommand } from '../../app/send.js';
import { useAppStore } from '../../app/store.js';
import { normalize } from '../../viewer/vector-math.js';
import type { SceneFrame, SceneViewer } from '../../viewer/viewer-contract.js';
import { DEFAULT_FRAME, useViewerStore } from './viewer-store.js';

const documentSchema = z.object({
  version: z.literal(1),
  up: z.tuple([z.number(), z.number(), z.number()]),
  metresPerUnit: z.number().positive().nullable(),
  scaleUncertainty: z.number().min(0).nullable().default(null),
});

export function encodeFrame(frame: SceneFrame): string {
  const { up, metresPerUnit, scaleUncertainty = null } = frame;
  return JSON.stringify({ version: 1, up, metresPerUnit, scaleUncertainty });
}

/** null for anything that is no such document: it came from a file. */
export function decodeFrame(text: string | null): SceneFrame | null {
  if (text === null) return null;
  try {
    const { up, metresPerUnit, scaleUncertainty } = documentSchema.parse(JSON.parse(text));
    if (!(Math.hypot(...up) > 1e-6)) return null;
    return { up: normalize(up), metresPerUnit, scaleUncertainty };
  } catch {
    return null;
  }
}

let savedText: string | null = null;

/** Takes up the project's frame; where it has none, the photos say what is up. */
export function startViewDocument(viewer: SceneViewer): () => void {
  let isGuessed = true;
  const show = (frame: SceneFrame): void => {
    viewer.setFrame(frame);
    useViewerStore.setState({ frame });
  };
  const follow = (text: string | null): void => {
    if (text !== null && text === savedText) return;
    const frame = decodeFrame(text);
    isGuessed = frame === null;
    show(frame ?? guess(viewer));
  };
  follow(useAppStore.getState().state?.documents.view ?? null);
  return useAppStore.subscribe(({ state }, { state: before }) => {
    if (state?.project.id !== before?.project.id) savedText = null;
    const text = state?.documents.view ?? null;
    if (state?.project.id !== before?.project.id || text !== (before?.documents.view ?? null)) follow(text);
    // After the viewer has been told of them: a microtask later.
    else if (isGuessed && savedText === null && state?.photos !== before?.photos) {
      queueMicrotask(() => {
        if (isGuessed && savedText === null) show(guess(viewer));
      });
    }
  });
}

function guess(viewer: SceneViewer): SceneFrame {
  return { ...DEFAULT_FRAME, up: viewer.estimateUp() ?? DEFAULT_FRAME.up };
}

/** Hangs the scene otherwise, and keeps it so in the project. */
export function changeFrame(viewer: SceneViewer, change: Partial<SceneFrame>): void {
  const frame = { ...viewer.frame, ...change };
  viewer.setFrame(frame);
  useViewerStore.setState({ frame });
  const { state } = useAppStore.getState();
  if (state === null || state.project.isReadOnly) return;
  savedText = encodeFrame(frame);
  void sendCommand('saveDocument', { name: 'view', text: savedText });
}
