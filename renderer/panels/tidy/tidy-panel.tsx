/** Tidying up: select and delete, find floaters, crop; all of it can be undone, and exports leave out what is hidden. */
import { useEffect } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { i18next } from '../../app/i18n/index.js';
import { formatNumber } from '../../app/format.js';
import { useAppStore } from '../../app/store.js';
import { useLanguage } from '../controls/use-language.js';
import { SignButton } from '../path/sign-button.js';
import { CropSection } from './crop-section.js';
import { editHistory, useEditHistory } from './edit-history.js';
import { FloaterSection } from './floater-section.js';
import { SelectSection } from './select-section.js';
import { startTidy } from './start-tidy.js';
import { useTidyStore } from './tidy-store.js';
import './tidy-panel.css';

export function TidyPanel(): ReactElement {
  useEffect(startTidy, []);
  const { t } = useTranslation('tidy');
  const hasScene = useTidyStore(({ scene }) => scene !== null);
  const isPreview = useAppStore(({ state }) => state?.scene?.isPreview ?? false);
  return (
    <div className="tidy-panel">
      <HistoryBar />
      {hasScene ? (
        <>
          <ForeignEdits />
          <SelectSection />
          <FloaterSection />
          <CropSection />
        </>
      ) : (
        <p className="panel-section muted">{isPreview ? t('waitForRun') : t('noScene')}</p>
      )}
    </div>
  );
}

/** Names of operations stand in the namespaces of who makes them. */
function historyName(label: string): string {
  const [ns, key] = label.split(':') as [string, string];
  // Labels are made at run time; that each is in its namespace is not for the types to know.
  const translate = i18next.getFixedT(null, ns as 'tidy' | 'path') as unknown as (name: string) => string;
  return translate(key);
}

function HistoryBar(): ReactElement {
  const { t } = useTranslation('tidy');
  const { undoLabel, redoLabel, forgotten } = useEditHistory();
  const undo = undoLabel === null ? t('undo') : t('undoOf', { name: historyName(undoLabel) });
  const redo = redoLabel === null ? t('redo') : t('redoOf', { name: historyName(redoLabel) });
  return (
    <section className="panel-section tidy-history" aria-label={t('history')}>
      <div className="row">
        <SignButton
          sign="undo"
          label={undo}
          commandId="edit.undo"
          isDisabled={undoLabel === null}
          onPress={() => void editHistory.undo()}
        />
        <SignButton
          sign="redo"
          label={redo}
          commandId="edit.redo"
          isDisabled={redoLabel === null}
          onPress={() => void editHistory.redo()}
        />
        <Counts />
      </div>
      {forgotten > 0 ? <p className="muted">{t('forgotten', { count: forgotten })}</p> : null}
    </section>
  );
}

function Counts(): ReactElement {
  const { t } = useTranslation('tidy');
  const language = useLanguage();
  const { total, hidden, selected } = useTidyStore(({ counts }) => counts);
  const number = (value: number): string => formatNumber(value, language);
  return (
    <dl className="tidy-counts numeric">
      <div>
        <dt className="muted">{t('selected')}</dt>
        <dd>{number(selected)}</dd>
      </div>
      <div>
        <dt className="muted">{t('hidden')}</dt>
        <dd>{number(hidden)}</dd>
      </div>
      <div>
        <dt className="muted">{t('total')}</dt>
        <dd>{number(total)}</dd>
      </div>
    </dl>
  );
}

function ForeignEdits(): ReactElement | null {
  const { t } = useTranslation('tidy');
  const hasForeignEdits = useTidyStore((store) => store.hasForeignEdits);
  if (!hasForeignEdits) return null;
  return (
    <div className="panel-section">
      <p className="message message-warn">{t('foreignEdits')}</p>
    </div>
  );
}
