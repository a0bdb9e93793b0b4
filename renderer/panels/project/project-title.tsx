import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Project } from '../../../electron/ipc/contract.js';
import { formatAge } from '../../app/format.js';
import { useLanguage } from '../controls/use-language.js';
import { useNow } from '../controls/use-now.js';

export function ProjectTitle({ project }: { readonly project: Project }): ReactElement {
  const { t } = useTranslation('project');
  const language = useLanguage();
  const now = useNow();
  const when =
    project.savedAtMs === null ? null : formatAge(project.savedAtMs, Math.max(now, project.savedAtMs), language);
  const saved = when === null ? t('autosaved') : t('saved', { when });
  const words = project.isReadOnly ? t('readOnly') : project.folder === null ? t('unsaved') : saved;
  return (
    <div className="project-title" title={project.folder ?? undefined}>
      <h1 className="project-name ellipsis">{project.name === '' ? t('untitled') : project.name}</h1>
      <p className="project-saved ellipsis">{words}</p>
    </div>
  );
}
