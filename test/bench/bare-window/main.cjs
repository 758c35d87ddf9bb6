// The anchor of start and memory: a window that shows one line of text, with the same preferences as ours.
const { app, BrowserWindow } = require('electron')
// As in our own main: Chromium has no sandbox for root, and enabling it there keeps its processes from starting.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
app.whenReady().then(async () => {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    webPreferences: { contextIsolation: true, sandbox: true },
  })
  await window.loadURL('data:text/html,<title>bare</title><p>bare</p>')
  await window.webContents.executeJavaScript(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
  )
  console.log(JSON.stringify({ paintedAt: Date.now(), pid: process.pid }))
  if (process.argv.includes('--stay')) return
  app.quit()
})
