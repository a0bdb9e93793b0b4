/** While one stands in a photo: which one, the slider from the rendering to the photo, the next one, and out again. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Label, Slider, SliderThumb, SliderTrack } from 'react-aria-components';
import { useAppStore } from '../../app/store.js';
import { leavePhoto, setBlend, stepPhoto } from './viewer-actions.js';
import { ActionButton } from './viewer-buttons.js';
import { useViewerStore } from './viewer-store.js';

export function PhotoBar(): ReactElement | null {
  const { t } = useTranslation('viewer');
  const photoId = useViewerStore((store) => store.photoId);
  const blend = useViewerStore((store) => store.blend);
  const photo = useAppStore(({ state }) => state?.photos.find(({ id }) => id === photoId));
  if (photoId === null || photo === undefined) return null;
  return (
    <div className="viewer-bar" role="group" aria-label={t('photoBar')}>
      <ActionButton
        icon="left"
        label={t('previousPhoto')}
        commandId="camera.previousPhoto"
        onPress={() => stepPhoto(-1)}
      />
      <span className="viewer-bar-name ellipsis">{photo.name}</span>
      {photo.role === 'held-out' ? <span className="badge badge-warn">{t('heldOut')}</span> : null}
      <ActionButton icon="right" label={t('nextPhoto')} commandId="camera.nextPhoto" onPress={() => stepPhoto(1)} />
      <Slider
        className="viewer-blend"
        value={blend}
        minValue={0}
        maxValue={1}
        step={0.05}
        formatOptions={{ style: 'percent' }}
        isDisabled={photo.pictureUrl === null}
        onChange={(value) => setBlend(value)}
      >
        <Label className="visually-hidden">{t('blend')}</Label>
        <span aria-hidden="true">{t('blendRender')}</span>
        <SliderTrack className="viewer-blend-track">
          <SliderThumb className="viewer-blend-thumb" />
        </SliderTrack>
        <span aria-hidden="true">{t('blendPhoto')}</span>
      </Slider>
      <Button className="button button-small" onPress={leavePhoto}>
        {t('leave')}
      </Button>
    </div>
  );
}
