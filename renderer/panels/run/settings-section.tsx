/** The settings that matter, and the rest behind "Advanced". */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Disclosure, DisclosurePanel, Heading } from 'react-aria-components';
import type { AppState } from '../../../electron/ipc/contract.js';
import { formatNumber } from '../../app/format.js';
import { sendCommand } from '../../app/send.js';
import { ChoiceField } from '../controls/choice-field.js';
import { Icon } from '../controls/icons.js';
import { TickBox } from '../controls/tick-box.js';
import { useLanguage } from '../controls/use-language.js';
import { AdvancedSettings } from './advanced-settings.js';
import { isAnyHeldOut, mayHoldOut, planHeldOut } from './held-out.js';
import { PresetChoice } from './preset-choice.js';

const LONG_SIDES = [320, 480, 640, 800, 1024, 1280, 1600, 1920];
const AUTO = 'auto';

interface SettingsSectionProps {
  readonly state: AppState;
  readonly isDisabled: boolean;
  /** It stands under a heading of its own. */
  readonly isFolded?: boolean;
}

export function SettingsSection({ state, isDisabled, isFolded = false }: SettingsSectionProps): ReactElement {
  const { t } = useTranslation('run');
  const language = useLanguage();
  const { settings, photos } = state;
  const sizes = [...new Set([...LONG_SIDES, ...(settings.longSidePx === null ? [] : [settings.longSidePx])])];
  sizes.sort((a, b) => a - b);
  return (
    <section className="panel-section" aria-label={t('preset')}>
      <PresetChoice preset={settings.preset} isDisabled={isDisabled} />
      <ChoiceField
        label={t('longSide')}
        hint={t('longSideHint')}
        isDisabled={isDisabled}
        value={settings.longSidePx === null ? AUTO : String(settings.longSidePx)}
        choices={[
          { value: AUTO, name: t('longSideAuto') },
          ...sizes.map((size) => ({
            value: String(size),
            name: t('longSidePx', { pixels: formatNumber(size, language) }),
          })),
        ]}
        onChoose={(value) =>
          void sendCommand('changeSettings', { longSidePx: value === AUTO ? null : Number.parseInt(value, 10) })
        }
      />
      <TickBox
        label={t('heldOut')}
        hint={t('heldOutHint')}
        isTicked={isAnyHeldOut(photos)}
        isDisabled={isDisabled || (!mayHoldOut(photos) && !isAnyHeldOut(photos))}
        onChange={(ticked) => {
          for (const { role, photoIds } of planHeldOut(photos, ticked)) {
            void sendCommand('setPhotoRole', { role, photoIds });
          }
        }}
      />
      <Disclosure className="disclosure">
        <Heading level={isFolded ? 3 : 2} className="disclosure-head">
          <Button slot="trigger" className="button button-quiet disclosure-button">
            <Icon name="chevronRight" className="disclosure-sign" />
            {t('advanced')}
          </Button>
        </Heading>
        <DisclosurePanel className="disclosure-panel">
          <AdvancedSettings state={state} isDisabled={isDisabled} />
        </DisclosurePanel>
      </Disclosure>
    </section>
  );
}
