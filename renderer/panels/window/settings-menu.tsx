/** Language and theme, one click away for who cannot read the menus yet. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover } from 'react-aria-components';
import { LANGUAGES } from '../../app/i18n/index.js';
import type { Language } from '../../app/i18n/index.js';
import { chooseLanguage } from '../../app/language.js';
import { THEMES, chooseTheme, useUiStore } from '../../app/ui-store.js';
import { Icon } from '../controls/icons.js';
import { useLanguage } from '../controls/use-language.js';

const THEME_WORDS = { system: 'themeSystem', dark: 'themeDark', light: 'themeLight' } as const;

function Choice({
  id,
  name,
  lang,
}: {
  readonly id: string;
  readonly name: string;
  readonly lang?: string;
}): ReactElement {
  return (
    <MenuItem className="menu-item" id={id} textValue={name}>
      {({ isSelected }) => (
        <>
          <span className="menu-check">{isSelected ? <Icon name="check" /> : null}</span>
          <span lang={lang}>{name}</span>
        </>
      )}
    </MenuItem>
  );
}

export function SettingsMenu(): ReactElement {
  const { t } = useTranslation();
  const language = useLanguage();
  const theme = useUiStore((store) => store.theme);
  return (
    <MenuTrigger>
      <Button className="icon-button" aria-label={t('settingsLabel')}>
        <Icon name="sun" />
      </Button>
      <Popover className="popover" placement="bottom end">
        <Menu className="menu" aria-label={t('settingsLabel')}>
          <MenuSection
            className="menu-section"
            selectionMode="single"
            selectedKeys={[language]}
            disallowEmptySelection
            onSelectionChange={(keys) => {
              const [chosen] = keys === 'all' ? [] : [...keys];
              if (chosen !== undefined && chosen in LANGUAGES) void chooseLanguage(chosen as Language);
            }}
          >
            <Header className="menu-header">{t('languageLabel')}</Header>
            {Object.entries(LANGUAGES).map(([id, name]) => (
              <Choice key={id} id={id} name={name} lang={id} />
            ))}
          </MenuSection>
          <MenuSection
            className="menu-section"
            selectionMode="single"
            selectedKeys={[theme]}
            disallowEmptySelection
            onSelectionChange={(keys) => {
              const chosen = THEMES.find((name) => keys !== 'all' && keys.has(name));
              if (chosen !== undefined) chooseTheme(chosen);
            }}
          >
            <Header className="menu-header">{t('themeLabel')}</Header>
            {THEMES.map((name) => (
              <Choice key={name} id={name} name={t(THEME_WORDS[name])} />
            ))}
          </MenuSection>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
