export const outcomes = {
  title: 'Kameras',
  summary_one: '{{placed}} von {{count}} Foto verortet',
  summary_other: '{{placed}} von {{count}} Fotos verortet',
  allWell: 'Keines davon ist zweifelhaft.',
  lookAt_one: 'Sehen Sie sich dieses an:',
  lookAt_other: 'Sehen Sie sich diese {{count}} an:',
  lookAtLater_one: '{{count}} davon ist in der Liste der Fotos gekennzeichnet.',
  lookAtLater_other: '{{count}} davon sind in der Liste der Fotos gekennzeichnet.',
  only: 'Nur Kameras finden',
  first:
    'Zu diesen Fotos gibt es keine Kameras. Von wo aus sie aufgenommen wurden, wird zuerst gefunden, aus dem, was sie zeigen.',
  again:
    'Nichts sagt, wo die Wolke des LiDARs zu diesen Kameras liegt. Sie werden noch einmal gefunden und nach der Form der Wolke auf sie gelegt.',
  notFound: 'Es war nicht zu finden, von wo aus die Fotos aufgenommen wurden.',
  notFoundText:
    'Eine Szene braucht mindestens zwei verortete Fotos. Ihre Fotos bleiben hier; das wurde aus jedem einzelnen:',
  placed: 'Verortet durch {{points}} Punkte, {{error}} px.',
  doubtful: 'Zweifelhaft: {{doubt}}',
  leftOut: 'Nicht verortet: {{why}} {{help}}',
  doubt: {
    planar:
      'Alles darin liegt in einer Ebene, und das lässt zwei Antworten zu. Fügen Sie ein Foto von einer anderen Seite hinzu.',
    'few-points': 'Es stützt sich auf wenige Punkte. Fügen Sie ein Foto hinzu, das sich stärker damit überschneidet.',
    'repeated-pattern':
      'Einiges darin widerspricht den anderen Fotos, wie es ein Muster tut, das sich wiederholt. Prüfen Sie im Betrachter, wo es steht.',
    'guessed-focal':
      'Diese Fotos lassen die Brennweite offen, und die Datei nennt sie nicht. Fügen Sie ein Foto von weiter seitlich hinzu, oder nehmen Sie die Dateien, wie die Kamera sie geschrieben hat.',
    'depth-prior': 'Sein Ort stützt sich auf Tiefe, die ein Netz geschätzt hat. Fügen Sie Fotos von daneben hinzu.',
    'camera-prior':
      'Sein Ort stützt sich darauf, wo ein Netz ihn geschätzt hat. Fügen Sie Fotos hinzu, die sich stärker damit überschneiden.',
  },
  why: {
    'too-few-features': 'Es zeigt zu wenig, das sich wiedererkennen lässt.',
    blurred: 'Es ist viel unschärfer als die anderen.',
    'no-overlap': 'Kein anderes Foto zeigt dasselbe.',
    apart: 'Es passt zu anderen Fotos, aber nichts verbindet diese mit den übrigen.',
    'no-parallax': 'Es wurde von derselben Stelle aus aufgenommen wie seine Nachbarn und zeigt deshalb keine Tiefe.',
    contradicts: 'Was es zeigt, widerspricht den anderen Fotos.',
    unexplained: 'Der Grund ist nicht bekannt.',
    unreadable: 'Seine Datei war nicht zu lesen.',
  },
  help: {
    'too-few-features': 'Fotografieren Sie etwas mit Struktur: kahle Wände, Glas, Himmel und Dunkelheit haben keine.',
    blurred: 'Nehmen Sie es mit ruhiger Hand oder mehr Licht noch einmal auf.',
    'no-overlap':
      'Fügen Sie Fotos dazwischen hinzu: Jedes sollte mindestens die Hälfte mit seinem Nachbarn gemeinsam haben.',
    apart: 'Fügen Sie Fotos hinzu, die beide Teile zeigen.',
    'no-parallax': 'Treten Sie zwischen den Fotos einen Schritt zur Seite, statt sich auf der Stelle zu drehen.',
    contradicts:
      'Es kann sich etwas bewegt haben, oder ein Muster wiederholt sich: Lassen Sie es weg, oder fügen Sie Fotos aus der Nähe hinzu.',
    unexplained: 'Fügen Sie Fotos hinzu, die sich stärker damit überschneiden.',
    unreadable: 'Kopieren Sie sie noch einmal von der Kamera.',
  },
} as const;
