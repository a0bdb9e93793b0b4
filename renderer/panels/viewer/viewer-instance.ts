/** The one viewer of the window, made when it is first asked for, and fed from then on. */
import i18next from 'i18next';
import type { SceneViewer } from '../../viewer/viewer-contract.js';
import { ThreeViewer } from '../../viewer/three-viewer.js';
import type { ViewerWords } from '../../viewer/viewer-elements.js';
import { useAppStore } from '../../app/store.js';
import { announce } from '../../app/ui-store.js';
import { startSceneFeed } from './scene-feed.js';
import { startViewDocument } from './view-document.js';
import { takeMeasuredPoint } from './measuring.js';
import { useViewerStore } from './viewer-store.js';

let viewer: ThreeViewer | null = null;

export function getViewer(): SceneViewer {
  if (viewer !== null) return viewer;
  const made = new ThreeViewer(words());
  viewer = made;
  i18next.on('languageChanged', () => made.setWords(words()));
  bindStore(made);
  followMotionPreference(made);
  startViewDocument(made);
  startSceneFeed(made);
  return made;
}

function words(): ViewerWords {
  const t = i18next.getFixedT(null, 'viewer');
  return {
    label: t('canvasLabel'),
    description: t('canvasDescription'),
    contextLost: t('contextLost'),
    noWebgl: t('noWebgl'),
  };
}

function bindStore(made: ThreeViewer): void {
  made.on('display', ({ mode }) => useViewerStore.setState({ mode }));
  made.on('navigation', ({ mode }) => useViewerStore.setState({ navigation: mode }));
  made.on('depthRange', (depthRange) => useViewerStore.setState({ depthRange }));
  made.on('problem', ({ message }) => useViewerStore.setState({ problem: message }));
  made.on('pose', () => {
    const { photoId } = made;
    if (useViewerStore.getState().photoId === photoId) return;
    // A new photo starts with the rendering: what was compared before was another one.
    made.setBlend(0);
    useViewerStore.setState({ photoId, blend: 0 });
    const name = useAppStore.getState().state?.photos.find(({ id }) => id === photoId)?.name;
    if (name !== undefined) announce(i18next.t('viewer:standingIn', { name }));
  });
  made.on('statistics', (statistics) => {
    // A frame that was drawn is the proof that the context is back.
    useViewerStore.setState({ statistics, problem: null });
  });
  made.on('photo', ({ photoId }) => made.standIn(photoId));
  made.on('pick', (picked) => takeMeasuredPoint(made, picked));
}

function followMotionPreference(made: ThreeViewer): void {
  const reduced = window.matchMedia('(prefers-reduced-motion: reduce)');
  const follow = (): void => made.setReducedMotion(reduced.matches);
  reduced.addEventListener('change', follow);
  follow();
}
