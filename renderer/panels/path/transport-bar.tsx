import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Toolbar } from 'react-aria-components';
import { formatFixed } from '../../app/format.js';
import { useAppStore } from '../../app/store.js';
import { frameAt, frameCount } from '../../viewer/path/camera-path.js';
import { useLanguage } from '../controls/use-language.js';
import { openPathExport } from './export/export-store.js';
import { addKeyFromView, deleteKey, duplicateKey, updateKeyFromView, changeTiming } from './path-editing.js';
import { PathFilesMenu } from './path-files-menu.js';
import { PathSettings } from './path-settings.js';
import { LOOK_AHEAD, samplerOf, usePathStore } from './path-store.js';
import { goToEnd, goToKey, goToStart, lookAhead, playOrPause, stepBy, toggleFollowing } from './path-transport.js';
import { SignButton } from './sign-button.js';
import { keyAt } from '../../viewer/path/playhead-keys.js';

export function TransportBar(): ReactElement {
  const { t } = useTranslation('path');
  const hasScene = useAppStore(({ state }) => (state?.scene ?? null) !== null);
  return (
    <Toolbar className="path-bar" aria-label={t('toolbar')}>
      <Transport />
      <Time />
      <KeyButtons hasScene={hasScene} />
      <span className="grow" />
      <LookAheadButton />
      <PathSettings />
      <PathFilesMenu />
      <Button className="button button-small" isDisabled={!hasScene} onPress={() => openPathExport('video')}>
        {t('export')}
      </Button>
    </Toolbar>
  );
}

function Transport(): ReactElement {
  const { t } = useTranslation('path');
  const isPlaying = usePathStore(({ playback }) => playback.isPlaying);
  const keys = usePathStore(({ path }) => path.keyframes.length);
  const isLoop = usePathStore(({ path }) => path.isLoop);
  const isFollowing = usePathStore((store) => store.isFollowing);
  const none = keys === 0;
  return (
    <div className="path-group">
      <SignButton sign="toStart" label={t('toStart')} commandId="path.start" isDisabled={none} onPress={goToStart} />
      <SignButton
        sign="previousFrame"
        label={t('previousFrame')}
        commandId="path.previousFrame"
        isDisabled={none}
        onPress={() => stepBy(-1)}
      />
      <SignButton
        sign={isPlaying ? 'pause' : 'play'}
        label={isPlaying ? t('pause') : t('play')}
        commandId="path.play"
        isDisabled={keys < 2}
        onPress={playOrPause}
      />
      <SignButton
        sign="nextFrame"
        label={t('nextFrame')}
        commandId="path.nextFrame"
        isDisabled={none}
        onPress={() => stepBy(1)}
      />
      <SignButton sign="toEnd" label={t('toEnd')} commandId="path.end" isDisabled={none} onPress={goToEnd} />
      <SignButton
        sign="loop"
        label={t('loop')}
        commandId="path.loop"
        isDisabled={keys < 2}
        isOn={isLoop}
        onPress={() => changeTiming({ isLoop: !isLoop })}
      />
      <SignButton
        sign="follow"
        label={t('follow')}
        commandId="path.follow"
        isDisabled={none}
        isOn={isFollowing}
        onPress={toggleFollowing}
      />
    </div>
  );
}

function Time(): ReactElement | null {
  const { t } = useTranslation('path');
  const language = useLanguage();
  const { path, playback } = usePathStore();
  const seconds = (ms: number): string => formatFixed(ms / 1000, language, 2);
  const frame = Math.min(frameCount(path), frameAt(path, playback.timeMs) + 1);
  if (path.keyframes.length === 0) return null;
  return (
    <p className="path-time numeric">
      <span>{t('time', { time: seconds(playback.timeMs), duration: seconds(path.durationMs) })}</span>
      <span className="muted">{t('frame', { frame, frames: frameCount(path) })}</span>
    </p>
  );
}

function KeyButtons({ hasScene }: { readonly hasScene: boolean }): ReactElement {
  const { t } = useTranslation('path');
  const isEmpty = usePathStore(({ path }) => path.keyframes.length === 0);
  const hasKey = usePathStore(
    ({ path, playback, selectedKeyId }) =>
      path.keyframes.some(({ id }) => id === selectedKeyId) ||
      keyAt(path, samplerOf(path).keyTimesMs, playback.timeMs) !== null,
  );
  return (
    <div className="path-group">
      <SignButton
        sign="previousKey"
        label={t('previousKey')}
        commandId="path.previousKey"
        isDisabled={isEmpty}
        onPress={() => goToKey(-1)}
      />
      <SignButton
        sign="nextKey"
        label={t('nextKey')}
        commandId="path.nextKey"
        isDisabled={isEmpty}
        onPress={() => goToKey(1)}
      />
      <SignButton
        sign="addKey"
        label={t('addKey')}
        commandId="path.addKey"
        isDisabled={!hasScene}
        onPress={addKeyFromView}
      />
      <SignButton
        sign="updateKey"
        label={t('updateKey')}
        commandId="path.updateKey"
        isDisabled={!hasKey}
        onPress={updateKeyFromView}
      />
      <SignButton
        sign="duplicate"
        label={t('duplicateKey')}
        commandId="path.duplicateKey"
        isDisabled={!hasKey}
        onPress={duplicateKey}
      />
      <SignButton
        sign="trash"
        label={t('deleteKey')}
        commandId="path.deleteKey"
        isDisabled={!hasKey}
        onPress={() => deleteKey()}
      />
    </div>
  );
}

function LookAheadButton(): ReactElement | null {
  const { t } = useTranslation('path');
  const looksAside = usePathStore(({ look, isFollowing }) => isFollowing && look !== LOOK_AHEAD);
  if (!looksAside) return null;
  return (
    <Button className="button button-small" onPress={lookAhead}>
      {t('lookAhead')}
    </Button>
  );
}
