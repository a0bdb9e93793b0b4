/** What is set now and then: duration, rate, speeds; and the lens of the selected key. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog, DialogTrigger, Input, Label, NumberField, Popover } from 'react-aria-components';
import { FPS_CHOICES } from '../../viewer/path/camera-path.js';
import { SPEEDS } from '../../viewer/path/playback.js';
import { ChoiceField } from '../controls/choice-field.js';
import { TickBox } from '../controls/tick-box.js';
import { changeLens, changeTiming, editedKeyId } from './path-editing.js';
import { usePathStore } from './path-store.js';
import { setSpeed } from './path-transport.js';
import { SignButton } from './sign-button.js';

const DEGREES = 180 / Math.PI;

export function PathSettings(): ReactElement {
  const { t } = useTranslation('path');
  return (
    <DialogTrigger>
      <SignButton sign="settings" label={t('settings')} onPress={() => undefined} />
      <Popover className="popover" offset={4}>
        <Dialog className="path-settings" aria-label={t('settings')}>
          <TimingFields />
          <LensFields />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function TimingFields(): ReactElement {
  const { t } = useTranslation('path');
  const { path, playback } = usePathStore();
  const rates = [...new Set<number>([...FPS_CHOICES, path.fps])].sort((a, b) => a - b).map(String);
  return (
    <>
      <NumberField
        className="field"
        value={Math.round(path.durationMs) / 1000}
        minValue={0.1}
        maxValue={3600}
        isDisabled={path.keyframes.length < 2}
        onChange={(seconds) => {
          if (Number.isFinite(seconds)) changeTiming({ durationMs: seconds * 1000 });
        }}
      >
        <Label className="field-label">{t('duration')}</Label>
        <Input className="input numeric" />
      </NumberField>
      <ChoiceField
        label={t('fps')}
        value={String(path.fps)}
        choices={rates.map((value) => ({ value, name: t('fpsValue', { fps: value }) }))}
        onChoose={(value) => changeTiming({ fps: Number(value) })}
      />
      <ChoiceField
        label={t('speed')}
        hint={t('speedHint')}
        value={String(playback.speed)}
        choices={SPEEDS.map((speed) => ({ value: String(speed), name: t('speedValue', { speed }) }))}
        onChoose={(value) => setSpeed(Number(value))}
      />
      <TickBox
        label={t('constantSpeed')}
        hint={t('constantSpeedHint')}
        isTicked={path.isConstantSpeed}
        onChange={(isConstantSpeed) => changeTiming({ isConstantSpeed })}
      />
      <TickBox label={t('loop')} isTicked={path.isLoop} onChange={(isLoop) => changeTiming({ isLoop })} />
    </>
  );
}

function LensFields(): ReactElement | null {
  const { t } = useTranslation('path');
  // The playhead and the selection decide which key it is.
  const { path } = usePathStore();
  const id = editedKeyId();
  const at = path.keyframes.findIndex((key) => key.id === id);
  const key = path.keyframes[at];
  if (key === undefined) return null;
  return (
    <fieldset className="path-lens">
      <legend className="field-label">{t('lensOf', { number: at + 1 })}</legend>
      <NumberField
        className="field"
        value={Math.round(key.pose.fovYRad * DEGREES * 10) / 10}
        minValue={1}
        maxValue={170}
        onChange={(degrees) => {
          if (Number.isFinite(degrees)) changeLens({ fovYRad: degrees / DEGREES });
        }}
      >
        <Label className="field-label">{t('fov')}</Label>
        <Input className="input numeric" />
      </NumberField>
      <div className="row">
        <span className="field-label grow">{t('roll')}</span>
        <SignButton sign="undo" label={t('rollLeft')} onPress={() => changeLens({ rollRad: -1 / DEGREES })} />
        <SignButton sign="redo" label={t('rollRight')} onPress={() => changeLens({ rollRad: 1 / DEGREES })} />
      </div>
    </fieldset>
  );
}
