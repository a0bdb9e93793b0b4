import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import { useUiStore } from '../../app/ui-store.js';
import { Progress } from '../controls/progress.js';

/** How far files that were dropped or picked have got to the host. */
export function UploadBar(): ReactElement | null {
  const { t } = useTranslation('photos');
  const upload = useUiStore((store) => store.upload);
  if (upload === null) return null;
  const words = t('uploading', { sent: upload.sentFiles, total: upload.files });
  return (
    <div className="banner">
      <span className="numeric">{words}</span>
      <div className="grow">
        <Progress label={words} fraction={upload.fraction} />
      </div>
      <Button className="button button-small" onPress={upload.cancel}>
        {t('cancelUpload')}
      </Button>
    </div>
  );
}
