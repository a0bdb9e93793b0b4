import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { GridListItem } from 'react-aria-components';
import type { Photo } from '../../../electron/ipc/contract.js';
import { Icon } from '../controls/icons.js';
import { useOutcomeWords } from './outcome-words.js';
import { photoMarks } from './photo-state.js';

interface PhotoTileProps {
  readonly photo: Photo;
  /** Shown until the host has made a thumbnail. */
  readonly previewUrl: string | undefined;
}

export function PhotoTile({ photo, previewUrl }: PhotoTileProps): ReactElement {
  const { t } = useTranslation('photos');
  const marks = photoMarks(photo);
  const words = marks.map(({ word }) => t(word)).join(', ');
  const inWords = useOutcomeWords();
  const problem = photo.problem === null ? '' : `${photo.problem.message} ${photo.problem.hint}`.trim();
  const why = problem === '' && photo.outcome !== null ? inWords(photo.outcome) : problem;
  const url = photo.thumbnailUrl ?? previewUrl;
  return (
    <GridListItem
      className={`photo-tile photo-${photo.status} photo-${photo.role}`}
      id={photo.id}
      textValue={[photo.name, words, why].filter((part) => part !== '').join('. ')}
    >
      <div
        className="photo-frame"
        data-photo={photo.id}
        title={[photo.shownPath, words, why].filter(Boolean).join('\n')}
      >
        {url === undefined ? (
          <Icon name={photo.status === 'failed' ? 'error' : 'photo'} className="photo-blank" />
        ) : (
          <img className="photo-picture" src={url} alt="" loading="lazy" decoding="async" draggable={false} />
        )}
        <span className="photo-marks">
          {marks
            .filter(({ word }) => word !== 'stateTrain')
            .map(({ word, icon, tone }) => (
              <span key={word} className={`photo-mark photo-mark-${tone}`}>
                <Icon name={icon} />
              </span>
            ))}
        </span>
      </div>
      <span className="photo-name ellipsis">{photo.name}</span>
      <span className="visually-hidden">
        {words}. {why}
      </span>
    </GridListItem>
  );
}
