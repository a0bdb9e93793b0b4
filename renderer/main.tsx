import './app/zod-without-eval.js';
// Before the panels, whose own rules build on these.
import './app/theme/tokens.css';
import './app/theme/base.css';
import { createRoot } from 'react-dom/client';
import { startAnnouncing } from './app/announcer.js';
import { connect } from './app/connect.js';
import { startLanguage } from './app/language.js';
import { listenForShortcuts } from './app/shortcuts.js';
import { followTheme } from './app/theme/apply-theme.js';
import { allCommands, findCommand } from './panels/all-commands.js';
import { startToolsWithScene } from './panels/tidy/start-tools.js';
import { App } from './panels/window/app.js';
import { ErrorBoundary } from './panels/window/error-boundary.js';

startLanguage();
followTheme();
startAnnouncing();
startToolsWithScene();
listenForShortcuts(allCommands);
connect((commandId) => {
  const command = findCommand(commandId);
  if (command?.isEnabled() === true) void command.run();
});

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <ErrorBoundary>
      <App />
    </ErrorBoundary>,
  );
}
