// What kiosks and boards can do beyond plain pages: print at once, read aloud, call numbers, stay up to date.
// Written for old browsers; every page works without it.
(function () {
  'use strict';
  var POLL_MS = 2000;
  var LOST_AFTER = 3;
  var AFTER_PRINT_MS = 12000;

  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }

  // --- Voice: recordings of the desk's own, else a voice of the browser's, else the clips that come with the server.

  function ownVoice(language) {
    var voices = window.speechSynthesis ? speechSynthesis.getVoices() : [];
    return voices.filter(function (voice) {
      return voice.lang.slice(0, 2).toLowerCase() === language;
    })[0];
  }

  function say(one, done) {
    var language = one.getAttribute('data-language');
    var clips = (one.getAttribute('data-clips') || '').split(' ').filter(Boolean);
    var voice = ownVoice(language);
    if (voice && !(one.hasAttribute('data-recorded') && clips.length)) {
      var speech = new SpeechSynthesisUtterance(one.getAttribute('data-say'));
      speech.voice = voice;
      speech.lang = voice.lang;
      speech.rate = 0.9;
      speech.onend = speech.onerror = done;
      speechSynthesis.speak(speech);
    } else play(clips, done);
  }

  function play(clips, done) {
    if (!clips.length) return done();
    var sound = new Audio(clips[0]);
    var next = function () {
      play(clips.slice(1), done);
    };
    sound.onended = sound.onerror = next;
    var playing = sound.play();
    if (playing && playing.catch)
      playing.catch(function (fault) {
        if (fault.name === 'NotAllowedError') {
          showSound();
          done();
        }
      });
  }

  /** Two soft notes, so that people look up. */
  function chime(done) {
    var Sounds = window.AudioContext || window.webkitAudioContext;
    if (!Sounds) return done();
    chime.context = chime.context || new Sounds();
    var context = chime.context;
    if (context.state === 'suspended') showSound();
    [660, 528].forEach(function (pitch, n) {
      var note = context.createOscillator();
      var volume = context.createGain();
      var at = context.currentTime + n * 0.35;
      note.frequency.value = pitch;
      volume.gain.setValueAtTime(0.25, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
      note.connect(volume);
      volume.connect(context.destination);
      note.start(at);
      note.stop(at + 0.6);
    });
    setTimeout(done, 1000);
  }

  function showSound() {
    all('.sound').forEach(function (button) {
      button.hidden = false;
    });
  }

  // --- Kiosk

  all('.listen').forEach(function (button) {
    var parts = all('[data-say]');
    function offer() {
      button.hidden = !parts.some(function (part) {
        return part.getAttribute('data-clips') || ownVoice(part.getAttribute('data-language'));
      });
    }
    offer();
    if (window.speechSynthesis) speechSynthesis.onvoiceschanged = offer;
    button.onclick = function () {
      if (window.speechSynthesis) speechSynthesis.cancel();
      var round = (button.round = (button.round || 0) + 1);
      (function next(n) {
        if (round === button.round && n < parts.length)
          say(parts[n], function () {
            next(n + 1);
          });
      })(0);
    };
  });

  all('form').forEach(function (form) {
    // A second tap is harmless: the form carries the ticket's id. This only says that the first was heard.
    form.addEventListener('submit', function () {
      setTimeout(function () {
        all('button', form).forEach(function (button) {
          button.disabled = true;
        });
      }, 0);
    });
  });

  /** A screen that somebody left begins anew; every touch gives the whole time again. */
  all('[data-idle-s]').forEach(function (screen) {
    var timer;
    function anew() {
      location.replace(screen.getAttribute('data-home'));
    }
    function wait() {
      clearTimeout(timer);
      timer = setTimeout(anew, screen.getAttribute('data-idle-s') * 1000);
    }
    ['mousedown', 'touchstart', 'keydown', 'scroll'].forEach(function (touch) {
      document.addEventListener(touch, wait, true);
    });
    wait();
  });

  all('[data-print]').forEach(function (ticket) {
    var code = ticket.getAttribute('data-print');
    var printed = false;
    try {
      printed = sessionStorage.getItem('printed') === code;
      sessionStorage.setItem('printed', code);
    } catch (none) {}
    window.addEventListener('afterprint', function () {
      setTimeout(function () {
        location.replace(ticket.getAttribute('data-home'));
      }, AFTER_PRINT_MS);
    });
    if (!printed) window.print();
    all('.again').forEach(function (button) {
      button.hidden = false;
      button.onclick = function () {
        window.print();
      };
    });
  });
  all('.print').forEach(function (button) {
    button.hidden = false;
    button.onclick = function () {
      window.print();
    };
  });

  // --- Board

  var board = document.querySelector('main.board');
  if (!board) return;
  var heard = {};
  var waiting = [];
  var speaking = false;
  var etag = '';
  var lost = 0;

  function calls() {
    return all('[data-call]', board);
  }

  function callNext() {
    if (speaking || !waiting.length) return;
    speaking = true;
    var one = waiting.shift();
    chime(function () {
      var spoken = all('[data-say]', one);
      (function next(n) {
        if (n < spoken.length)
          return say(spoken[n], function () {
            next(n + 1);
          });
        speaking = false;
        callNext();
      })(0);
    });
  }

  function show(page) {
    var script = 'script[src*="lobby"]';
    var mine = document.querySelector(script);
    var theirs = page.querySelector(script);
    var fresh = page.querySelector('main.board');
    // The server was renewed, or says something else: begin anew.
    if (!fresh || !theirs || theirs.getAttribute('src') !== mine.getAttribute('src')) return location.reload();
    board.innerHTML = fresh.innerHTML;
    calls().forEach(function (call) {
      var id = call.getAttribute('data-call');
      if (heard[id]) return;
      heard[id] = true;
      call.className = 'fresh';
      waiting.push(call);
    });
    callNext();
  }

  var reachedAt = new Date();

  function told(reached) {
    lost = reached ? 0 : lost + 1;
    if (reached) reachedAt = new Date();
    var time = ('0' + reachedAt.getHours()).slice(-2) + ':' + ('0' + reachedAt.getMinutes()).slice(-2);
    all('.notice').forEach(function (notice) {
      notice.hidden = lost < LOST_AFTER;
      notice.textContent = notice.getAttribute('data-text').replace('{time}', time);
    });
  }

  function ask() {
    var request = new XMLHttpRequest();
    request.open('GET', location.href);
    request.responseType = 'document';
    request.timeout = 10000;
    if (etag) request.setRequestHeader('If-None-Match', etag);
    request.onloadend = function () {
      if (request.status === 200 && request.response) {
        etag = request.getResponseHeader('ETag') || '';
        show(request.response);
      } else if (request.status === 404) location.reload();
      told(request.status === 200 || request.status === 304);
      setTimeout(ask, POLL_MS);
    };
    request.send();
  }

  calls().forEach(function (call) {
    heard[call.getAttribute('data-call')] = true;
  });
  all('.sound').forEach(function (button) {
    button.onclick = function () {
      chime(function () {});
      if (chime.context) chime.context.resume();
      button.hidden = true;
    };
  });
  if (!(navigator.userActivation && navigator.userActivation.hasBeenActive)) showSound();
  setTimeout(ask, POLL_MS);
})();
