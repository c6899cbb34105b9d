// The plain board, in the language of 2009: every two seconds the page is
// fetched again and its live part put in place of the old one. Ten seconds
// without an answer are said in words.
(function () {
  var last = new Date().getTime();
  var lost = document.getElementById('lost');
  function fetchAgain() {
    var x = new XMLHttpRequest();
    x.open('GET', location.href, true);
    x.timeout = 5000;
    x.onreadystatechange = function () {
      if (x.readyState !== 4) return;
      if (x.status === 200) {
        var from = x.responseText.indexOf('<div id="live">');
        var to = x.responseText.lastIndexOf('<p class="lost"');
        if (from >= 0 && to > from) {
          last = new Date().getTime();
          document.getElementById('live').outerHTML = x.responseText.substring(from, to);
        }
      }
      if (new Date().getTime() - last > 10000) lost.removeAttribute('hidden');
      else lost.setAttribute('hidden', '');
      setTimeout(fetchAgain, 2000);
    };
    x.send();
  }
  setTimeout(fetchAgain, 2000);
})();
