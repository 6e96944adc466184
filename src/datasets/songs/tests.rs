//! Tiny sets of the very shape of the real ones, with their traps; and the shared samples where they are.

use std::path::Path;

use super::{Kind, Song, SongSet, read};
use crate::affect::{Class, Point};

/// A folder of small files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

fn song<'a>(set: &'a SongSet, id: &str) -> &'a Song {
    set.songs.iter().find(|s| s.id == id).unwrap_or_else(|| panic!("no song {id} in {set:?}"))
}

fn point(set: &SongSet, id: &str) -> Point {
    song(set, id).annotation.as_ref().unwrap().point.unwrap()
}

fn close(a: Point, valence: f32, arousal: f32) {
    assert!(a.distance(Point::new(valence, arousal)) < 1e-5, "{a:?} is not ({valence}, {arousal})");
}

#[test]
fn four_q_with_and_without_targets_flat_or_in_quadrants() {
    let annotations: &[u8] = b"\xef\xbb\xbfSong , Quadrant\r\nMT1,Q3\r\nMT2,Q1\r\nMT9,Q2\r\n";
    let metadata: &[u8] = b"\"Song\",\"Artist\",\"Title\",\"Quadrant\",\"MoodsStr\"\n\"MT1\",\"Beyonc\xe9\",\"A, B\",\"Q3\",\"Sad; Dark\"\n";
    let set = folder(&[
        ("set/panda_dataset_taffc_annotations.csv", annotations),
        ("set/panda_dataset_taffc_metadata.csv", metadata),
        ("set/Q3/MT1.mp3", b"x"),
        ("set/MT2.MP3", b"x"),
        ("set/.hidden.mp3", b"x"),
        ("va_from_warriner.csv", b"Song,Quadrant,valence,arousal,n_words\nMT1,Q3,-0.25,-0.5,3\n"),
    ]);
    let set = read(set.path()).unwrap();
    assert_eq!(
        (set.kind, set.songs.len(), set.without_sound, set.without_annotation),
        (Kind::FourQ, 2, 1, 0)
    );
    close(point(&set, "MT1"), -0.25, -0.5);
    // No target: the centre of its quadrant.
    close(point(&set, "MT2"), 0.47, 0.19);
    let one = song(&set, "MT1");
    assert_eq!(one.annotation.as_ref().unwrap().class, Some(Class::Q3));
    assert_eq!(one.annotation.as_ref().unwrap().raw, "Q3: Sad; Dark");
    assert_eq!((one.group.as_deref(), one.title.as_deref()), (Some("beyonc\u{e9}"), Some("A, B")));
}

#[test]
fn emotify_folder_numbers_begin_anew_in_each_genre() {
    let header = "track id, genre, amazement, solemnity, tenderness, nostalgia, calmness, power, joyful_activation, tension, sadness, mood\n";
    let rows =
        "1,classical,0,0,0,0,0,0,0,0,1,3\n1,classical,0,0,0,0,0,0,0,1,1,3\n102,rock,0,0,0,0,0,0,1,0,0,3\n";
    let set = folder(&[
        ("data.csv", format!("{header}{rows}").as_bytes()),
        ("emotifymusic/classical/1.mp3", b"x"),
        ("emotifymusic/rock/2.mp3", b"x"),
        ("emotifymusic/pop/2.mp3", b"x"),
    ]);
    let set = read(set.path()).unwrap();
    assert_eq!((set.kind, set.songs.len(), set.without_annotation), (Kind::Emotify, 3, 1));
    close(point(&set, "classical/1"), -0.6, (-0.4 * 1.0 + 0.6 * 0.5) / 1.5);
    close(point(&set, "rock/2"), 0.7, 0.6);
    assert!(song(&set, "rock/2").path.ends_with("rock/2.mp3"));
}

#[test]
fn scales_are_known_by_the_set() {
    let pmemo = folder(&[
        (
            "PMEmo2019/annotations/static_annotations.csv",
            b"musicId,Arousal(mean),Valence(mean)\n7,0.25,1.0\n",
        ),
        ("PMEmo2019/metadata.csv", b"musicId,fileName,title,artist,album\n7,7.mp3,T,Abc,L\n"),
        ("PMEmo2019/chorus/7.mp3", b"x"),
    ]);
    let set = read(pmemo.path()).unwrap();
    assert_eq!(set.kind, Kind::Pmemo);
    close(point(&set, "7"), 1.0, -0.5);
    assert_eq!(song(&set, "7").group.as_deref(), Some("abc"));

    let emomusic = folder(&[
        (
            "annotations/static_annotations.csv",
            b"song_id,mean_arousal,std_arousal,mean_valence,std_valence\r2,3,1,9,2\r",
        ),
        ("clips_45seconds/2.mp3", b"x"),
    ]);
    let set = read(emomusic.path()).unwrap();
    assert_eq!(set.kind, Kind::EmoMusic);
    close(point(&set, "2"), 1.0, -0.5);
    assert_eq!(song(&set, "2").annotation.as_ref().unwrap().spread, Some((0.5, 0.25)));

    let deam = folder(&[
        (
            "static_annotations_averaged_songs_1_2000.csv",
            b"song_id, valence_mean, valence_std, arousal_mean, arousal_std\n2,3,2,9,4\n",
        ),
        ("MEMD_audio/2.mp3", b"x"),
    ]);
    let set = read(deam.path()).unwrap();
    assert_eq!(set.kind, Kind::Deam);
    close(point(&set, "2"), -0.5, 1.0);

    let wcmed = folder(&[
        ("R/WCMED_Valence_Rating.csv", b"name,rating\nBach_1_SMD_2.mp3,-0.8\n"),
        ("R/WCMED_Arousal_Rating.csv", b"name,rating\nBach_1_SMD_2.mp3,0.3\n"),
        ("M/WCMED_ Metadata.csv", b"fileName,songName,segmentID\rBach_1_SMD_2.mp3,Bach_1_SMD,2\r"),
        ("data/Bach_1_SMD_2.wav", b"x"),
    ]);
    let set = read(wcmed.path()).unwrap();
    assert_eq!(set.kind, Kind::Wcmed);
    close(point(&set, "bach_1_smd_2"), -0.8, 0.3);
    assert_eq!(song(&set, "bach_1_smd_2").group.as_deref(), Some("bach_1_smd"));
}

#[test]
fn any_folder_and_what_is_wrong_with_one() {
    let any = folder(&[("b/two.OGG", b"x"), ("one.flac", b"x"), ("notes.txt", b"x"), ("list.csv", b"a,b\n")]);
    let set = read(any.path()).unwrap();
    assert_eq!((set.kind, set.songs.len()), (Kind::Folder, 2));
    assert!(set.songs.iter().all(|s| s.annotation.is_none()));

    assert!(read(Path::new("/no/such/folder")).unwrap_err().to_string().contains("/no/such/folder"));
    let broken = folder(&[("panda_dataset_taffc_annotations.csv", b"Song,Mood\nMT1,Q1\n")]);
    let message = read(broken.path()).unwrap_err().to_string();
    assert!(message.contains("no column `quadrant`") && message.contains("song, mood"), "{message}");
}

/// The samples of the real sets, by what their README states.
#[test]
fn shared_samples_of_the_real_sets() {
    let Some(shared) = std::env::var_os("PROMENADE_SHARED") else {
        eprintln!("left out: the readers on samples of the real sets (PROMENADE_SHARED is not set)");
        return;
    };
    let music = Path::new(&shared).join("data/music");
    for (name, kind, sounds, without_sound) in [
        ("4q", Kind::FourQ, 40, 860),
        ("emotify", Kind::Emotify, 16, 384),
        ("pmemo", Kind::Pmemo, 4, 763),
        ("wcmed", Kind::Wcmed, 0, 400),
        ("emomusic", Kind::EmoMusic, 10, 734),
        ("deam", Kind::Deam, 0, 1802),
    ] {
        let set = read(&music.join(name)).unwrap();
        assert_eq!((set.kind, set.songs.len(), set.without_sound), (kind, sounds, without_sound), "{name}");
        assert_eq!(set.without_annotation, 0, "{name}");
    }
}
