import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Label, Slider, SliderOutput, SliderThumb, SliderTrack } from 'react-aria-components';
import type { SelectionMode } from '../../viewer/tools/masks.js';
import { ChoiceField } from '../controls/choice-field.js';
import { TickBox } from '../controls/tick-box.js';
import { SignButton } from '../path/sign-button.js';
import { getViewer } from '../viewer/viewer-instance.js';
import { selectAtCentre } from './region-tools.js';
import { toggleTool } from './tidy-commands.js';
import { hideSelected, selectAll, selectInverse, selectNone, showAll } from './tidy-editing.js';
import { MAX_BRUSH_PX, MIN_BRUSH_PX, useTidyStore } from './tidy-store.js';

const MODES: readonly SelectionMode[] = ['replace', 'add', 'subtract'];

export function SelectSection(): ReactElement {
  const { t } = useTranslation('tidy');
  const { tool, mode, through, counts } = useTidyStore();
  const none = counts.selected === 0;
  return (
    <section className="panel-section" aria-labelledby="tidy-select">
      <h2 className="panel-title" id="tidy-select">
        {t('selectTitle')}
      </h2>
      <div className="row">
        <SignButton
          sign="brush"
          label={t('brush')}
          commandId="tidy.brush"
          isOn={tool === 'brush'}
          onPress={() => toggleTool('brush')}
        />
        <SignButton
          sign="box"
          label={t('box')}
          commandId="tidy.box"
          isOn={tool === 'box'}
          onPress={() => toggleTool('box')}
        />
        <SignButton
          sign="target"
          label={t('selectCentre')}
          commandId="tidy.selectCentre"
          onPress={() => selectAtCentre(getViewer())}
        />
      </div>
      <p className="field-hint tidy-tool-help">{tool === 'none' ? t('toolNone') : t('toolHelp')}</p>
      <BrushSize />
      <ChoiceField
        label={t('mode')}
        value={mode}
        choices={MODES.map((value) => ({ value, name: t(`mode_${value}`) }))}
        onChoose={(value) => useTidyStore.setState({ mode: value })}
      />
      <TickBox
        label={t('through')}
        isTicked={through}
        onChange={(ticked) => useTidyStore.setState({ through: ticked })}
      />
      <div className="tidy-buttons">
        <Button className="button button-small" onPress={selectAll}>
          {t('all')}
        </Button>
        <Button className="button button-small" isDisabled={none} onPress={selectNone}>
          {t('none')}
        </Button>
        <Button className="button button-small" onPress={selectInverse}>
          {t('invert')}
        </Button>
      </div>
      <div className="tidy-buttons">
        <Button className="button" isDisabled={none} onPress={() => hideSelected('historyDelete')}>
          {t('delete')}
        </Button>
        <Button className="button" isDisabled={counts.hidden === 0} onPress={showAll}>
          {t('showAll')}
        </Button>
      </div>
      <p className="field-hint">{t('deleteHint')}</p>
    </section>
  );
}

function BrushSize(): ReactElement {
  const { t } = useTranslation('tidy');
  const brushPx = useTidyStore((store) => store.brushPx);
  return (
    <Slider
      className="tidy-slider"
      value={brushPx}
      minValue={MIN_BRUSH_PX}
      maxValue={MAX_BRUSH_PX}
      onChange={(value) => useTidyStore.setState({ brushPx: value })}
    >
      <div className="row">
        <Label className="field-label grow">{t('brushSize')}</Label>
        <SliderOutput className="muted numeric">{t('pixels', { pixels: brushPx })}</SliderOutput>
      </div>
      <SliderTrack className="tidy-track">
        <SliderThumb className="tidy-thumb" />
      </SliderTrack>
    </Slider>
  );
}
