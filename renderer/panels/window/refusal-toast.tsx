/** The newest command that could not be done, over the window until it is dismissed or has been read in the list of problems. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { dismissRefusal, useUiStore } from '../../app/ui-store.js';
import { IconButton } from '../controls/icon-button.js';
import { Icon } from '../controls/icons.js';

export function RefusalToast(): ReactElement | null {
  const { t } = useTranslation('photos');
  const refusal = useUiStore((store) => store.refusals.at(-1));
  if (refusal === undefined) return null;
  return (
    <div className="toast message message-bad">
      <Icon name="error" />
      <div className="grow">
        <p>{refusal.message}</p>
        {refusal.hint === '' ? null : <p className="muted">{refusal.hint}</p>}
      </div>
      <IconButton
        icon="close"
        isSmall
        label={t('dismissNamed', { message: refusal.message })}
        onPress={() => dismissRefusal(refusal.id)}
      />
    </div>
  );
}
