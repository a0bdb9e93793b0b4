/** The viewer in the window: its canvas, and over it the tools, the legend and what it has to say. */
import { useEffect, useRef } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useAppStore } from '../../app/store.js';
import '../../viewer/viewer.css';
import { Crosshair, MeasureBar } from './measure-bar.js';
import { CloudLegendInView } from '../sensors/cloud-legend.js';
import { PlacingBar, PlacingCrosshair } from '../sensors/placing-bar.js';
import { PhotoBar } from './photo-bar.js';
import { CameraToolbar, DisplayToolbar } from './view-toolbar.js';
import { Hud, Legend } from './viewer-readouts.js';
import { getViewer } from './viewer-instance.js';
import { useViewerStore } from './viewer-store.js';
import './viewer-panel.css';

export function ViewerPanel(): ReactElement {
  const container = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (container.current !== null) getViewer().attach(container.current);
  }, []);
  return (
    <div className="viewer-panel">
      <div className="viewer-container" ref={container} />
      <Crosshair />
      <PlacingCrosshair />
      <DisplayToolbar />
      <CameraToolbar />
      <div className="viewer-bars">
        <PhotoBar />
        <MeasureBar />
        <PlacingBar />
      </div>
      <div className="viewer-foot">
        <Hud />
        <Legend />
        <CloudLegendInView />
      </div>
      <Problem />
    </div>
  );
}

/** What keeps the picture from being shown, in words. */
function Problem(): ReactElement | null {
  const { t } = useTranslation('viewer');
  const problem = useViewerStore((store) => store.problem);
  const isLoading = useViewerStore((store) => store.isLoading);
  const isEmpty = useAppStore(
    ({ state }) =>
      state !== null &&
      state.scene === null &&
      !state.photos.some(({ camera }) => camera !== null) &&
      !state.sensors.some(({ isUsed, pictureUrl }) => isUsed && pictureUrl !== null),
  );
  const text = problem ?? (isLoading ? t('loading') : isEmpty ? t('empty') : null);
  if (text === null) return null;
  return (
    <p className="viewer-notice" role={problem === null ? 'status' : 'alert'}>
      {text}
    </p>
  );
}
