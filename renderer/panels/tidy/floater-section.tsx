import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Label, Slider, SliderOutput, SliderThumb, SliderTrack } from 'react-aria-components';
import { deleteFloaters } from './tidy-editing.js';
import { announceFloaters, setFloaterStrength } from './tidy-floaters.js';
import { useTidyStore } from './tidy-store.js';

export function FloaterSection(): ReactElement {
  const { t } = useTranslation('tidy');
  const { strength, isComputing, count, found } = useTidyStore(({ floaters }) => floaters);
  return (
    <section className="panel-section" aria-labelledby="tidy-floaters">
      <h2 className="panel-title" id="tidy-floaters">
        {t('floatersTitle')}
      </h2>
      <p className="field-hint">{t('floatersHint')}</p>
      <Slider
        className="tidy-slider"
        value={strength}
        minValue={0}
        maxValue={100}
        onChange={setFloaterStrength}
        onChangeEnd={announceFloaters}
      >
        <div className="row">
          <Label className="field-label grow">{t('strength')}</Label>
          <SliderOutput className="muted numeric" />
        </div>
        <SliderTrack className="tidy-track">
          <SliderThumb className="tidy-thumb" />
        </SliderTrack>
      </Slider>
      <p className="muted">
        {isComputing ? t('floatersComputing') : found === null ? t('floatersNone') : t('floatersFound', { count })}
      </p>
      <div className="tidy-buttons">
        <Button className="button" isDisabled={count === 0} onPress={deleteFloaters}>
          {t('floatersDelete')}
        </Button>
        <Button className="button" isDisabled={found === null} onPress={() => setFloaterStrength(0)}>
          {t('floatersCancel')}
        </Button>
      </div>
    </section>
  );
}
