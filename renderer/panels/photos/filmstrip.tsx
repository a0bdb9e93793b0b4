/** All photos as tiles, with what is known of each. Choosing one stands in its camera. */
import { useEffect, useRef, useState } from 'react';
import type { MouseEvent, ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, GridList, MenuTrigger, Popover } from 'react-aria-components';
import type { AppState, Photo } from '../../../electron/ipc/contract.js';
import { useUiStore } from '../../app/ui-store.js';
import { IconButton } from '../controls/icon-button.js';
import { Icon } from '../controls/icons.js';
import { pickFiles } from '../pick-files.js';
import { isBusy } from '../run/run-permissions.js';
import { getViewer } from '../viewer/viewer-instance.js';
import { matchPreviews } from './match-previews.js';
import { useOutcomeWords } from './outcome-words.js';
import { PhotoActionsMenu, removePhotos, standInPhoto } from './photo-actions.js';
import { PhotoTile } from './photo-tile.js';
import './photos.css';

const select = (photoIds: Iterable<string>): void => useUiStore.setState({ selectedPhotos: new Set(photoIds) });

function Summary({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation('photos');
  const { photos } = state;
  const heldOut = photos.filter(({ role }) => role === 'held-out').length;
  return (
    <p className="photos-summary muted">
      {t('summary', { count: photos.length })} · {t('summaryCameras', { count: photos.filter((p) => p.camera).length })}
      {heldOut === 0 ? null : ` · ${t('summaryHeldOut', { count: heldOut })}`}
    </p>
  );
}

/** What became of the chosen photo, for whoever does not point at its tile with a mouse. */
function ChosenOutcome({ photo }: { readonly photo: Photo | undefined }): ReactElement | null {
  const inWords = useOutcomeWords();
  if (photo === undefined || photo.outcome === null) return null;
  return <p className="photo-outcome muted">{inWords(photo.outcome)}</p>;
}

/** Where the context menu was asked for, in the window. */
interface MenuPlace {
  readonly x: number;
  readonly y: number;
}

function useContextMenu(state: AppState): {
  readonly place: MenuPlace | null;
  readonly open: (event: MouseEvent) => void;
  readonly close: () => void;
} {
  const [place, setPlace] = useState<MenuPlace | null>(null);
  const open = (event: MouseEvent): void => {
    const row = event.target instanceof Element ? event.target.closest('[role=row]') : null;
    const photoId = row?.querySelector('[data-photo]')?.getAttribute('data-photo') ?? null;
    if (row === null || photoId === null || !state.photos.some(({ id }) => id === photoId)) return;
    event.preventDefault();
    if (!useUiStore.getState().selectedPhotos.has(photoId)) select([photoId]);
    // Asked for by key, the event has no place of its own.
    const { left, bottom } = row.getBoundingClientRect();
    setPlace(
      event.clientX === 0 && event.clientY === 0 ? { x: left, y: bottom } : { x: event.clientX, y: event.clientY },
    );
  };
  return { place, open, close: () => setPlace(null) };
}

export function Filmstrip({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation('photos');
  const { photos } = state;
  const previews = useUiStore((store) => store.previews);
  const selected = useUiStore((store) => store.selectedPhotos);
  const { byPhoto, waiting } = matchPreviews(photos, previews);
  const chosen = photos.filter(({ id }) => selected.has(id));
  const anchor = useRef<HTMLSpanElement>(null);
  const menu = useContextMenu(state);
  const busy = isBusy(state) || state.project.isReadOnly;

  // A frustum that is clicked in the viewer chooses its photo here.
  useEffect(() => getViewer().on('photo', ({ photoId }) => select([photoId])), []);

  return (
    <div className="filmstrip">
      <div className="row filmstrip-bar">
        <Summary state={state} />
        <span className="grow muted ellipsis">
          {chosen.length < 2 ? (chosen[0]?.shownPath ?? '') : t('selected', { count: chosen.length })}
        </span>
        <MenuTrigger>
          <Button className="button button-small" isDisabled={chosen.length === 0} aria-label={t('actions')}>
            <Icon name="more" />
          </Button>
          <Popover className="popover" placement="top end">
            <PhotoActionsMenu photos={chosen} isBusy={busy} />
          </Popover>
        </MenuTrigger>
        <IconButton
          icon="trash"
          isSmall
          label={t('remove')}
          isDisabled={chosen.length === 0 || busy}
          onPress={() => removePhotos(chosen.map(({ id }) => id))}
        />
        <Button className="button button-small" isDisabled={busy} onPress={() => pickFiles('photos')}>
          <Icon name="add" />
          {t('add')}
        </Button>
      </div>
      <ChosenOutcome photo={chosen.length === 1 ? chosen[0] : undefined} />
      <div
        className="filmstrip-scroll"
        onContextMenu={menu.open}
        onKeyDown={(event) => {
          if (event.key === 'Delete' && !busy) removePhotos(chosen.map(({ id }) => id));
        }}
      >
        <GridList
          className="photo-grid"
          aria-label={t('listLabel')}
          layout="grid"
          selectionMode="multiple"
          selectionBehavior="replace"
          selectedKeys={chosen.map(({ id }) => id)}
          renderEmptyState={() => (waiting.length > 0 ? null : <p className="muted photos-empty">{t('empty')}</p>)}
          onSelectionChange={(keys) => {
            const photoIds = keys === 'all' ? photos.map(({ id }) => id) : [...keys].map(String);
            select(photoIds);
            if (photoIds.length === 1) standInPhoto(photos.find(({ id }) => id === photoIds[0]));
          }}
          onAction={(key) => standInPhoto(photos.find(({ id }) => id === key))}
        >
          {photos.map((photo) => (
            <PhotoTile key={photo.id} photo={photo} previewUrl={byPhoto.get(photo.id)} />
          ))}
        </GridList>
        {waiting.length === 0 ? null : (
          <div className="photo-grid" aria-hidden="true">
            {waiting.map(({ url, relativePath }) => (
              <div key={url} className="photo-tile photo-reading">
                <div className="photo-frame">
                  <img className="photo-picture" src={url} alt="" loading="lazy" decoding="async" />
                </div>
                <span className="photo-name ellipsis">{relativePath.slice(relativePath.lastIndexOf('/') + 1)}</span>
              </div>
            ))}
          </div>
        )}
      </div>
      <span
        ref={anchor}
        className="menu-anchor"
        style={menu.place === null ? {} : { left: menu.place.x, top: menu.place.y }}
      />
      <Popover
        className="popover"
        aria-label={t('actions')}
        triggerRef={anchor}
        isOpen={menu.place !== null}
        placement="bottom start"
        onOpenChange={(open) => {
          if (!open) menu.close();
        }}
      >
        <PhotoActionsMenu photos={chosen} isBusy={busy} onDone={menu.close} />
      </Popover>
    </div>
  );
}
