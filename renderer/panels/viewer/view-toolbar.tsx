/** Display modes, what is shown, and every way to move the camera, as buttons over the picture. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Dialog, DialogTrigger, Popover, Toolbar } from 'react-aria-components';
import { useAppStore } from '../../app/store.js';
import { TickBox } from '../controls/tick-box.js';
import { DISPLAY_MODES } from '../../viewer/viewer-contract.js';
import {
  fixUp,
  flipUp,
  hasSplats,
  isVisible,
  moveCamera,
  setDisplay,
  startMeasuring,
  standInNearest,
  toggleNavigation,
  toggleVisible,
} from './viewer-actions.js';
import type { MoveName } from './viewer-actions.js';
import { ActionButton, SwitchButton } from './viewer-buttons.js';
import { ViewerIcon } from './viewer-icons.js';
import type { ViewerIconName } from './viewer-icons.js';
import { getViewer } from './viewer-instance.js';
import { useViewerStore } from './viewer-store.js';

export function DisplayToolbar(): ReactElement {
  const { t } = useTranslation('viewer');
  const mode = useViewerStore((store) => store.mode);
  const hasSeen = useViewerStore((store) => store.hasSeenCounts);
  const isReady = useAppStore(({ state }) => hasSplats(state));
  return (
    <Toolbar className="viewer-toolbar viewer-toolbar-top" aria-label={t('displayTools')}>
      {DISPLAY_MODES.map((name) => (
        <SwitchButton
          key={name}
          icon={name}
          label={name === 'seen' && !hasSeen ? t('seenLater') : t(`mode_${name}`)}
          commandId={`view.display.${name}`}
          isOn={mode === name}
          isDisabled={!isReady || (name === 'seen' && !hasSeen)}
          onPress={() => setDisplay(name)}
        />
      ))}
      <CloudSwitch />
      <LayersMenu />
    </Toolbar>
  );
}

/** Only where there are clouds: it would say nothing to everybody else. */
function CloudSwitch(): ReactElement | null {
  const { t } = useTranslation('viewer');
  const isOn = useViewerStore((store) => store.visible.clouds);
  const hasSensors = useAppStore(({ state }) => (state?.sensors.length ?? 0) > 0);
  if (!hasSensors) return null;
  return (
    <SwitchButton
      icon="points"
      label={t('show_clouds')}
      commandId="view.show.clouds"
      isOn={isOn}
      onPress={() => toggleVisible('clouds')}
    />
  );
}

function LayersMenu(): ReactElement {
  const { t } = useTranslation('viewer');
  // Read anew whenever one of them changes.
  useViewerStore((store) => store.visible);
  return (
    <DialogTrigger>
      <Button className="icon-button" aria-label={t('layers')}>
        <ViewerIcon name="layers" />
      </Button>
      <Popover className="popover" placement="bottom end">
        <Dialog className="viewer-popover" aria-label={t('layers')}>
          {(['frustums', 'points', 'clouds', 'grid', 'hud'] as const).map((what) => (
            <TickBox
              key={what}
              label={t(`show_${what}`)}
              isTicked={isVisible(what)}
              onChange={() => toggleVisible(what)}
            />
          ))}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

export function CameraToolbar(): ReactElement {
  const { t } = useTranslation('viewer');
  const navigation = useViewerStore((store) => store.navigation);
  const hasPhotos = useAppStore(({ state }) => state?.photos.some(({ camera }) => camera !== null) === true);
  const isReady = useAppStore(({ state }) => hasSplats(state));
  return (
    <Toolbar className="viewer-toolbar viewer-toolbar-side" orientation="vertical" aria-label={t('cameraTools')}>
      <ActionButton
        icon="frame"
        label={t('frameAll')}
        commandId="camera.frameAll"
        onPress={() => getViewer().frameAll()}
      />
      <ActionButton icon="reset" label={t('reset')} commandId="camera.reset" onPress={() => getViewer().resetView()} />
      <SwitchButton
        icon={navigation === 'fly' ? 'fly' : 'orbit'}
        label={t(`navigation_${navigation}`)}
        commandId="camera.fly"
        isOn={navigation === 'fly'}
        onPress={toggleNavigation}
      />
      <MovePad />
      <ActionButton icon="zoomIn" label={t('zoomIn')} commandId="camera.zoomIn" onPress={() => moveCamera('zoomIn')} />
      <ActionButton
        icon="zoomOut"
        label={t('zoomOut')}
        commandId="camera.zoomOut"
        onPress={() => moveCamera('zoomOut')}
      />
      <ActionButton
        icon="camera"
        label={t('nearestPhoto')}
        commandId="camera.nearestPhoto"
        isDisabled={!hasPhotos}
        onPress={standInNearest}
      />
      <ActionButton icon="up" label={t('fixUp')} commandId="view.fixUp" onPress={fixUp} />
      <ActionButton icon="flip" label={t('flipUp')} commandId="view.flipUp" onPress={flipUp} />
      <ActionButton
        icon="ruler"
        label={t('measure')}
        commandId="view.measure"
        isDisabled={!isReady}
        onPress={startMeasuring}
      />
    </Toolbar>
  );
}

const ORBIT_PAD: readonly (readonly [MoveName, ViewerIconName])[] = [
  ['orbitLeft', 'left'],
  ['orbitUp', 'top'],
  ['orbitDown', 'bottom'],
  ['orbitRight', 'right'],
];
const PAN_PAD: readonly (readonly [MoveName, ViewerIconName])[] = [
  ['panLeft', 'left'],
  ['panUp', 'top'],
  ['panDown', 'bottom'],
  ['panRight', 'right'],
];
const ROLL_PAD: readonly (readonly [MoveName, ViewerIconName])[] = [
  ['rollLeft', 'rollLeft'],
  ['rollRight', 'rollRight'],
];

function MovePad(): ReactElement {
  const { t } = useTranslation('viewer');
  return (
    <DialogTrigger>
      <Button className="icon-button" aria-label={t('movePad')}>
        <ViewerIcon name="move" />
      </Button>
      <Popover className="popover" placement="left top">
        <Dialog className="viewer-popover" aria-label={t('movePad')}>
          {(
            [
              ['padOrbit', ORBIT_PAD],
              ['padPan', PAN_PAD],
              ['padRoll', ROLL_PAD],
            ] as const
          ).map(([title, pad]) => (
            <div key={title} className="viewer-pad" role="group" aria-label={t(title)}>
              <span className="viewer-pad-title">{t(title)}</span>
              {pad.map(([name, icon]) => (
                <ActionButton key={name} icon={icon} label={t(name)} onPress={() => moveCamera(name)} />
              ))}
            </div>
          ))}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
