// The room: plays the broadcast, or the recording. Without it the prices and the buttons work all the same.

const video = document.getElementById("player");
const playlist = video.dataset.playlist;
const isLive = "live" in video.dataset;
const waiting = document.getElementById("waiting");
const sound = document.getElementById("sound");

function play() {
  video.play().catch(() => {}); // refused until somebody taps; the player's own button does it then
}

// The first seconds of a broadcast have no playlist yet, and a weak signal loses requests: all is tried again.
let hls = null;
function playWithHls(Hls) {
  const patient = { maxNumRetry: 60, retryDelayMs: 1000, maxRetryDelayMs: 4000 };
  const load = { default: { maxTimeToFirstByteMs: 8000, maxLoadTimeMs: 20000, timeoutRetry: patient, errorRetry: patient } };
  hls = new Hls({
    enableWorker: false, // a worker would come from a blob: address, which the content policy refuses
    liveSyncDurationCount: 2,
    liveMaxLatencyDurationCount: 8,
    maxLiveSyncPlaybackRate: 1.2,
    manifestLoadPolicy: load,
    playlistLoadPolicy: load,
    fragLoadPolicy: load,
  });
  let mended = 0;
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (!data.fatal) return;
    waiting.hidden = false;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && mended++ < 5) hls.recoverMediaError();
    else setTimeout(() => hls.loadSource(playlist), 2000);
  });
  hls.on(Hls.Events.MANIFEST_PARSED, play);
  hls.loadSource(playlist);
  hls.attachMedia(video);
}

function playNatively() {
  video.src = playlist;
  video.addEventListener("error", () => setTimeout(() => { video.src = playlist; play(); }, 2000));
  play();
}

if (window.Hls && window.Hls.isSupported()) playWithHls(window.Hls);
else if (video.canPlayType("application/vnd.apple.mpegurl")) playNatively();
else document.getElementById("cannot").hidden = false;

// For who has too little signal for video, or saves data: the newest picture every few seconds. The words go on as they are.
const still = document.getElementById("still");
const pictures = document.getElementById("pictures");
let turning = 0;

function newestPicture() { still.src = `${still.dataset.address}?${Math.floor(Date.now() / 4000)}`; }

function showPictures(wanted) {
  pictures.setAttribute("aria-pressed", wanted);
  video.hidden = wanted;
  still.hidden = !wanted;
  clearInterval(turning);
  if (wanted) {
    hls?.stopLoad();
    video.pause();
    waiting.hidden = true;
    newestPicture();
    turning = setInterval(newestPicture, 4000);
  } else {
    hls?.startLoad();
    play();
  }
}

if (pictures) {
  pictures.hidden = false;
  pictures.addEventListener("click", () => showPictures(pictures.getAttribute("aria-pressed") !== "true"));
  if (navigator.connection?.saveData || /2g/.test(navigator.connection?.effectiveType ?? "")) showPictures(true);
}

let moved = Date.now();
video.addEventListener("timeupdate", () => { moved = Date.now(); waiting.hidden = true; });
if (isLive) setInterval(() => { waiting.hidden = video.paused || Date.now() - moved < 5000; }, 1000);

sound.hidden = !video.muted;
sound.addEventListener("click", () => { video.muted = false; play(); });
video.addEventListener("volumechange", () => { sound.hidden = !video.muted; });

for (const button of document.querySelectorAll("button[data-seek-ms]")) {
  button.addEventListener("click", () => { video.currentTime = Number(button.dataset.seekMs) / 1000; play(); });
}
