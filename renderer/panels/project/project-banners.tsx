/** What is out of the ordinary with the open project, with the button that helps. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import type { Project } from '../../../electron/ipc/contract.js';
import { openDialog } from '../../app/ui-store.js';
import { Icon } from '../controls/icons.js';
import { missingFiles, missingSensorNames } from './missing-files.js';

export function ProjectBanners({ project }: { readonly project: Project }): ReactElement {
  const { t } = useTranslation('project');
  const [photos, sensorFiles] = [project.missingPhotos.length, project.missingSensorFiles.length];
  return (
    <>
      {project.isReadOnly ? (
        <div className="banner banner-warn" role="status">
          <Icon name="lock" />
          <p className="grow">
            {t('readOnlyBanner')} {project.readOnlyReason}
          </p>
          <Button className="button button-small" onPress={() => openDialog('save-as')}>
            {t('saveCopy')}
          </Button>
        </div>
      ) : null}
      {missingFiles(project).length > 0 ? (
        <div className="banner banner-warn" role="status">
          <Icon name="warning" />
          <p className="grow">
            {photos === 0 ? null : t('missingBanner', { count: photos })}
            {photos === 0 || sensorFiles === 0 ? '' : ' '}
            {sensorFiles === 0
              ? null
              : t('missingSensorsBanner', { names: missingSensorNames(project), count: sensorFiles })}
          </p>
          {project.isReadOnly ? null : (
            <Button className="button button-small" onPress={() => openDialog('relink')}>
              {t('relink')}
            </Button>
          )}
        </div>
      ) : null}
    </>
  );
}
