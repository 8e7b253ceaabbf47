/* Starts every module. Each listens on the document, so content that htmx brings is covered. */
import { startCopy } from "./copy.js";
import { startDialogs } from "./dialogs.js";
import { startForms } from "./forms.js";
import { startFrame } from "./frame.js";
import { startKeys } from "./keys.js";
import { startLogs } from "./log.js";
import { startMenus } from "./menus.js";
import { startPalette } from "./palette.js";
import { startStream } from "./stream.js";
import { startSwaps } from "./swaps.js";
import { startTimes } from "./times.js";
import { startToasts } from "./toasts.js";
import { startUploads } from "./upload.js";

startFrame();
startMenus();
startDialogs();
startForms();
startCopy();
startTimes();
startToasts();
startKeys();
startPalette();
startLogs();
startUploads();
startSwaps();
startStream();
