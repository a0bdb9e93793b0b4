/** The one thing that the page gets from Electron. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { createWindowConnection } from './window-connection.js';

contextBridge.exposeInMainWorld('vantage', createWindowConnection(ipcRenderer, webUtils));
