import { useMemo } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Input, Label, NumberField, Slider, SliderThumb, SliderTrack } from 'react-aria-components';
import type { CropBox } from '../../../engine/scene/edits-document.js';
import { fitCrop } from '../../viewer/tools/crop.js';
import { TickBox } from '../controls/tick-box.js';
import { toggleCrop } from './tidy-commands.js';
import { dragCropFace, dropCropFace, startCrop } from './tidy-editing.js';
import type { EditedScene } from './tidy-store.js';
import { useTidyStore } from './tidy-store.js';

const AXES = [0, 1, 2] as const;
const AXIS_NAMES = ['X', 'Y', 'Z'] as const;
const STEPS = 200;
/** The sliders reach this share of the scene's extent beyond it. */
const MARGIN = 0.25;
const DIGITS = 4;

/** Decimals that tell a ten-thousandth of an extent, in whatever unit the scene is. */
function decimalsFor(extent: number): number {
  return Math.min(12, Math.max(0, DIGITS - 1 - Math.floor(Math.log10(extent))));
}

export function CropSection(): ReactElement {
  const { t } = useTranslation('tidy');
  const scene = useTidyStore((store) => store.scene);
  const crop = useTidyStore((store) => store.crop);
  return (
    <section className="panel-section" aria-labelledby="tidy-crop">
      <h2 className="panel-title" id="tidy-crop">
        {t('cropTitle')}
      </h2>
      <TickBox label={t('crop')} hint={t('cropHint')} isTicked={crop !== null} onChange={toggleCrop} />
      {crop === null || scene === null ? null : <CropFaces scene={scene} crop={crop} />}
    </section>
  );
}

function CropFaces({ scene, crop }: { readonly scene: EditedScene; readonly crop: CropBox }): ReactElement {
  const { t } = useTranslation('tidy');
  const { up } = crop;
  const whole = useMemo(() => fitCrop(scene.splats, null, up), [scene, up]);
  return (
    <>
      {AXES.map((axis) => (
        <AxisRange key={axis} axis={axis} crop={crop} whole={whole} />
      ))}
      <Button className="button button-small" onPress={startCrop}>
        {t('cropFit')}
      </Button>
    </>
  );
}

interface AxisRangeProps {
  readonly axis: 0 | 1 | 2;
  readonly crop: CropBox;
  readonly whole: CropBox;
}

function AxisRange({ axis, crop, whole }: AxisRangeProps): ReactElement {
  const { t } = useTranslation('tidy');
  const name = AXIS_NAMES[axis];
  const [low, high] = [crop.min[axis], crop.max[axis]];
  const margin = MARGIN * (whole.max[axis] - whole.min[axis]);
  const minValue = Math.min(low, whole.min[axis] - margin);
  const maxValue = Math.max(high, whole.max[axis] + margin);
  const step = (maxValue - minValue) / STEPS;
  const formatOptions = useMemo(
    () => ({ maximumFractionDigits: decimalsFor(maxValue - minValue) }),
    [maxValue, minValue],
  );
  const move = (end: 'min' | 'max', value: number): void => dragCropFace(axis, end, value);
  return (
    <div className="tidy-axis">
      <Slider
        className="tidy-slider"
        value={[low, high]}
        minValue={minValue}
        maxValue={maxValue}
        step={step}
        formatOptions={formatOptions}
        onChange={(values) => {
          const [nextLow = low, nextHigh = high] = values;
          // The one that moved: the other, put onto the slider's steps, is not where it was.
          if (Math.abs(nextLow - low) >= Math.abs(nextHigh - high)) move('min', nextLow);
          else move('max', nextHigh);
        }}
        onChangeEnd={dropCropFace}
      >
        <Label className="field-label">{t('cropAxis', { axis: name })}</Label>
        <SliderTrack className="tidy-track">
          <SliderThumb className="tidy-thumb" index={0} aria-label={t('cropFrom')} />
          <SliderThumb className="tidy-thumb" index={1} aria-label={t('cropTo')} />
        </SliderTrack>
      </Slider>
      <div className="row">
        {(['min', 'max'] as const).map((end) => (
          <NumberField
            key={end}
            className="grow"
            aria-label={t(end === 'min' ? 'cropMin' : 'cropMax', { axis: name })}
            value={crop[end][axis]}
            formatOptions={formatOptions}
            onChange={(value) => {
              move(end, value);
              dropCropFace();
            }}
          >
            <Input className="input numeric" />
          </NumberField>
        ))}
      </div>
    </div>
  );
}
