/** What is out of the ordinary with the open project, with the button that helps. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import type { Project } from '../../../electron/ipc/contract.js';
import { openDialog } from '../../app/ui-store.js';
import { Icon } from '../controls/icons.js';

export function ProjectBanners({ project }: { readonly project: Project }): ReactElement {
  const { t } = useTranslation('project');
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
      {project.missingPhotos.length > 0 ? (
        <div className="banner banner-warn" role="status">
          <Icon name="warning" />
          <p className="grow">{t('missingBanner', { count: project.missingPhotos.length })}</p>
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
