/** Start, Pause, Resume, Cancel and ways on after a failure: those that make sense now, the likeliest one filled. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import type { AppState, CommandRequest } from '../../../electron/ipc/contract.js';
import { formatNumber } from '../../app/format.js';
import { sendCommand } from '../../app/send.js';
import { openDialog } from '../../app/ui-store.js';
import { Icon } from '../controls/icons.js';
import { useLanguage } from '../controls/use-language.js';
import { canStart, findBlocker, hasSplats } from './run-permissions.js';

const start = (from: CommandRequest<'startRun'>['from']): void => void sendCommand('startRun', { from });

function AfterFailure({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation('run');
  const language = useLanguage();
  const { checkpoint, error } = state.run;
  const isLarge = error?.isOutOfMemory === true;
  const filled = 'button button-primary grow';
  if (checkpoint === null) {
    return (
      <>
        {isLarge ? (
          <Button className={filled} onPress={() => start('half-size')}>
            {t('goOnHalf')}
          </Button>
        ) : null}
        <Button className={isLarge ? 'button' : filled} isDisabled={!canStart(state)} onPress={() => start('fresh')}>
          {t('startAgain')}
        </Button>
      </>
    );
  }
  return (
    <>
      <Button className={isLarge ? 'button' : filled} onPress={() => start('checkpoint')}>
        {t('goOn', { iteration: formatNumber(checkpoint.iteration, language) })}
      </Button>
      <Button className={isLarge ? filled : 'button'} onPress={() => start('half-size')}>
        {t('goOnHalf')}
      </Button>
      <Button className="button" isDisabled={!canStart(state)} onPress={() => start('fresh')}>
        {t('startAgain')}
      </Button>
    </>
  );
}

function BeforeStart({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation('run');
  const language = useLanguage();
  const { checkpoint, status } = state.run;
  const isStartable = canStart(state);
  return (
    <>
      {checkpoint !== null && status !== 'finished' ? (
        <Button className="button" onPress={() => start('checkpoint')}>
          {t('goOn', { iteration: formatNumber(checkpoint.iteration, language) })}
        </Button>
      ) : null}
      <Button className="button button-primary grow" isDisabled={!isStartable} onPress={() => start('fresh')}>
        <Icon name="play" />
        {status === 'cancelled' ? t('startAgain') : t('start')}
      </Button>
    </>
  );
}

export function RunButtons({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation('run');
  const { status } = state.run;
  switch (status) {
    case 'idle':
    case 'cancelled':
      return <BeforeStart state={state} />;
    case 'finished':
      return (
        <>
          <Button className="button" isDisabled={findBlocker(state) !== null} onPress={() => start('fresh')}>
            {t('startAgain')}
          </Button>
          <Button
            className="button button-primary grow"
            isDisabled={!hasSplats(state)}
            onPress={() => openDialog('export')}
          >
            <Icon name="export" />
            {t('export')}
          </Button>
        </>
      );
    case 'failed':
    case 'crashed':
      return <AfterFailure state={state} />;
    case 'starting':
    case 'running':
    case 'pausing':
    case 'paused':
    case 'cancelling':
      return (
        <>
          {status === 'paused' ? (
            <Button className="button button-primary grow" onPress={() => void sendCommand('resumeRun', {})}>
              <Icon name="play" />
              {t('resume')}
            </Button>
          ) : (
            <Button
              className="button button-primary grow"
              isDisabled={status !== 'running'}
              onPress={() => void sendCommand('pauseRun', {})}
            >
              <Icon name="pause" />
              {t('pause')}
            </Button>
          )}
          <Button
            className="button"
            isDisabled={status === 'cancelling'}
            onPress={() => void sendCommand('cancelRun', {})}
          >
            <Icon name="stop" />
            {t('cancel')}
          </Button>
        </>
      );
  }
}
